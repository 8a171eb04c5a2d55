"""Once Redis has forgotten an event, it is new again."""

from _database import CONSTRAINT, migrate_further, record_otherwise

DEFECT = "Only Redis knows a repeated delivery, for 24 h: the unique key holds for one delivery."
CAUGHT_BY = "chaos.a_day_later"


def patch() -> None:
    """Make the time of the delivery part of the unique key; a job that runs again is still one."""
    migrate_further(
        f"ALTER TABLE webhook_events DROP CONSTRAINT IF EXISTS {CONSTRAINT}",
        "CREATE UNIQUE INDEX IF NOT EXISTS webhook_deliveries "
        "ON webhook_events (unique_id, event, status, received_at)",
    )
    record_otherwise("ON CONFLICT (unique_id, event, status, received_at) DO NOTHING")
