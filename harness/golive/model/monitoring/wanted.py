"""What somebody asks of a watch, and what is made of it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from golive.model.monitoring.records import Span, WatchOrder
from golive.model.monitoring.schedule import MINUTE_SECONDS, Schedule
from golive.model.monitoring.sections import Monitor


@dataclass(frozen=True)
class WatchWanted:
    """`resume` names a run; `maintenance` are times as `FROM/TO`."""

    schedule: str = "first-24h"
    scale: float = 1.0
    maintenance: tuple[str, ...] = ()
    resume: str = ""
    fresh: bool = False


def order_of(
    wanted: WatchWanted,
    schedule: Schedule,
    section: Monitor,
    began: datetime,
    channels: Sequence[str],
) -> WatchOrder:
    """The order of a watch that begins then. Raises ValueError for a time that cannot be read."""
    return WatchOrder(
        schedule=schedule,
        began=began.isoformat(timespec="milliseconds"),
        scale=wanted.scale,
        maintenance=tuple(spans_of(wanted, section, began)),
        rollback=section.rollback,
        channels=tuple(channels),
    )


def spans_of(wanted: WatchWanted, section: Monitor, began: datetime) -> Iterator[Span]:
    """Times of maintenance, in seconds of the watch. Raises ValueError."""
    for one in section.maintenance:
        yield Span(
            _seconds(one.begins, began, wanted.scale),
            _seconds(one.ends, began, wanted.scale),
            one.why,
        )
    for text in wanted.maintenance:
        first, slash, last = text.partition("/")
        span = Span(_read(first, began, wanted.scale), _read(last, began, wanted.scale))
        if not slash or span.begins_seconds >= span.ends_seconds:
            raise ValueError(f"{text!r} is not FROM/TO")
        yield span


def _read(text: str, began: datetime, scale: float) -> float:
    """`+90` is ninety minutes after the start, everything else a time of ISO 8601."""
    if text.startswith("+"):
        return float(text[1:]) * MINUTE_SECONDS
    return _seconds(datetime.fromisoformat(text), began, scale)


def _seconds(moment: datetime, began: datetime, scale: float) -> float:
    known = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return round((known - began).total_seconds() * scale, 3)
