"""The audit table takes the same event as often as its job runs."""

from _database import forget_uniqueness

DEFECT = "No unique constraint on the audit rows: a job that runs again has its effect again."
CAUGHT_BY = "chaos.work_horse_killed"


def patch() -> None:
    """Drop the constraint, and insert without regard to it."""
    forget_uniqueness()
