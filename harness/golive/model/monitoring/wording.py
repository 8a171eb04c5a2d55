"""How times of a watch are worded."""

from golive.model.monitoring.schedule import MINUTE_SECONDS

WHOLE_MINUTES_FROM = 10.0


def clock(seconds: float) -> str:
    """A time of the watch: `+03:15`, hours and minutes after its start."""
    minutes = int(seconds // MINUTE_SECONDS)
    return f"+{minutes // 60:02}:{minutes % 60:02}"


def minutes(seconds: float) -> str:
    """A length in minutes: `43 min`, `2.5 min`."""
    count = seconds / MINUTE_SECONDS
    return f"{count:.0f} min" if count >= WHOLE_MINUTES_FROM else f"{count:.1f} min"


def span_of(begins_seconds: float, ends_seconds: float) -> str:
    """`+03:15 to +03:20 (4.5 min)`."""
    length = minutes(ends_seconds - begins_seconds)
    return f"{clock(begins_seconds)} to {clock(ends_seconds)} ({length})"
