"""What a watch writes down; all times are seconds of the watch: real ones by its time scale."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from golive.model.evidence import StepRecord
from golive.model.monitoring.schedule import Schedule

PROBE_SECONDS = 30.0
LEAST_PROBE_REAL_SECONDS = 0.25
"""A rehearsal probes more often than this at no scale: that would be load."""
BLIND_REAL_SECONDS = 5.0
BLIND_PROBES = 3


@dataclass(frozen=True)
class Span:
    """A time of maintenance."""

    begins_seconds: float
    ends_seconds: float
    why: str = ""

    def holds(self, at_seconds: float) -> bool:
        """Whether a moment lies in it."""
        return self.begins_seconds <= at_seconds < self.ends_seconds


@dataclass(frozen=True)
class WatchOrder:
    """What a watch was asked to do. `began` is UTC, ISO 8601; `scale` is 1 but in rehearsals."""

    schedule: Schedule
    began: str
    scale: float = 1.0
    maintenance: tuple[Span, ...] = ()
    rollback: str = ""
    channels: tuple[str, ...] = ()

    @property
    def probe_seconds(self) -> float:
        """How far the light probes are apart."""
        return max(PROBE_SECONDS, LEAST_PROBE_REAL_SECONDS * self.scale)

    @property
    def blind_seconds(self) -> float:
        """After so long without a probe nobody knows how the target was."""
        return max(BLIND_PROBES * self.probe_seconds, BLIND_REAL_SECONDS * self.scale)

    def in_maintenance(self, at_seconds: float) -> bool:
        """Whether a moment lies in a time of maintenance."""
        return any(span.holds(at_seconds) for span in self.maintenance)


@dataclass(frozen=True)
class Probe:
    """One light look at the health check. `wrong` says what was wrong (empty = it was well)."""

    begins_seconds: float
    ends_seconds: float
    milliseconds: float
    wrong: str = ""


class Kind(StrEnum):
    """Why a check was made: it was due, the probes called for it, it was the last one before a
    maintenance, or only to compare with later.
    """

    DUE = "due"
    CALLED = "called"
    LAST = "last"
    START = "start"


@dataclass(frozen=True)
class Checked:
    """One scenario of one check. All scenarios of a check share its number."""

    number: int
    kind: Kind
    due_seconds: float
    at_seconds: float
    record: StepRecord


@dataclass(frozen=True)
class Told:
    """An attempt to tell somebody of an incident; `error` is empty where it arrived."""

    incident: int
    event: str
    channel: str
    at_seconds: float
    attempts: int
    error: str = ""


@dataclass(frozen=True)
class WatchHistory:
    """All that was written down. `until_seconds` is the last sign of life; `sessions` are the times
    at which golive began to watch: more than one where it was started again.
    """

    order: WatchOrder
    probes: tuple[Probe, ...] = ()
    checks: tuple[Checked, ...] = ()
    told: tuple[Told, ...] = ()
    sessions: tuple[float, ...] = ()
    until_seconds: float = 0.0
    ended: tuple[int, ...] | None = None
    """The checks that came to their end: a kill leaves one that did not. None = all did."""

    @property
    def is_over(self) -> bool:
        """Whether the schedule came to its end."""
        return self.until_seconds >= self.order.schedule.seconds

    def of(self, scenario: str) -> tuple[Checked, ...]:
        """The checks of one scenario, in their order."""
        return tuple(one for one in self.checks if one.record.scenario == scenario)

    @property
    def made(self) -> dict[float, float]:
        """Of every check that was due and made: when it was due, and when it was made."""
        return {
            one.due_seconds: one.at_seconds
            for one in self.checks
            if one.kind is Kind.DUE and (self.ended is None or one.number in self.ended)
        }

    @property
    def missed(self) -> tuple[float, ...]:
        """When a check was due that nobody made, as far as the watch has come."""
        made = self.made
        due = self.order.schedule.due_seconds
        return tuple(at for at in due if at <= self.until_seconds and at not in made)

    @property
    def to_come(self) -> tuple[float, ...]:
        """When checks are due that the watch did not live to see."""
        return tuple(at for at in self.order.schedule.due_seconds if at > self.until_seconds)


def merged(checks: Sequence[Checked]) -> StepRecord:
    """One record of all looks of a scenario; it ended as the last one did."""
    records = [one.record for one in checks]
    evidence = (entry for record in records for entry in record.evidence)
    name = records[-1].scenario
    return replace(
        records[-1],
        started_seconds=records[0].started_seconds,
        seconds=round(sum(record.seconds for record in records), 6),
        evidence=tuple(
            replace(entry, id=f"{name}/{number}") for number, entry in enumerate(evidence, start=1)
        ),
    )


def grown(checks: Sequence[Checked]) -> Iterator[tuple[Checked, StepRecord]]:
    """Every check that is judged, with all that its scenario had seen by then."""
    for place, one in enumerate(checks, start=1):
        if one.kind is not Kind.START:
            yield one, merged(checks[:place])
