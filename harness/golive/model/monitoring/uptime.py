"""Uptime from light probes, to the minute: also an outage between two checks is counted.

Between two probes that disagree the change is taken to lie in the middle; where no probe was made
for long, nobody knows, and that time is counted as unwatched, never as up.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from golive.model.monitoring.records import Probe, Span


class State(StrEnum):
    """How the target was for a time."""

    UP = "up"
    DOWN = "down"
    UNWATCHED = "unwatched"
    MAINTENANCE = "maintenance"


@dataclass(frozen=True)
class Stretch:
    """A time in one state; `reason` is what the first failed probe saw."""

    begins_seconds: float
    ends_seconds: float
    state: State
    reason: str = ""

    @property
    def seconds(self) -> float:
        """Its length."""
        return self.ends_seconds - self.begins_seconds


@dataclass(frozen=True)
class Uptime:
    """How the time of a watch divides."""

    stretches: tuple[Stretch, ...]

    def seconds(self, state: State) -> float:
        """How long the target was in a state."""
        return sum(one.seconds for one in self.stretches if one.state is state)

    @property
    def ratio(self) -> float | None:
        """The part of the watched time in which the target was up; None where none was watched."""
        up, down = self.seconds(State.UP), self.seconds(State.DOWN)
        return up / (up + down) if up + down else None

    @property
    def outages(self) -> tuple[Stretch, ...]:
        """When it was down."""
        return tuple(one for one in self.stretches if one.state is State.DOWN)

    def within(self, begins_seconds: float, ends_seconds: float) -> "Uptime":
        """The same of a part of the time."""
        cut = (
            replace(
                one,
                begins_seconds=max(one.begins_seconds, begins_seconds),
                ends_seconds=min(one.ends_seconds, ends_seconds),
            )
            for one in self.stretches
        )
        return Uptime(tuple(one for one in cut if one.seconds > 0))


def uptime(
    probes: Sequence[Probe],
    until_seconds: float,
    blind_seconds: float,
    maintenance: Sequence[Span] = (),
) -> Uptime:
    """How the time from the start of the watch until a moment divides.

    After `blind_seconds` without a probe nobody knows how the target was.
    """
    edges = [edge for span in maintenance for edge in (span.begins_seconds, span.ends_seconds)]
    raw = _joined(_between(probes, blind_seconds, until_seconds, edges))
    for span in maintenance:
        raw = _joined(_carved(raw, span))
    return Uptime(tuple(raw))


def _between(
    probes: Sequence[Probe], blind: float, until: float, edges: Sequence[float]
) -> Iterator[Stretch]:
    known = [probe for probe in probes if probe.begins_seconds < until]
    if not known:
        yield Stretch(0.0, until, State.UNWATCHED)
        return
    before, ended = None, 0.0
    for probe in known:
        yield from _gap(ended, probe.begins_seconds, before, probe, blind, edges)
        before, ended = probe, min(probe.ends_seconds, until)
        yield _stretch(probe.begins_seconds, ended, probe)
    yield from _gap(ended, until, before, None, blind, edges)


def _gap(
    begins: float,
    ends: float,
    before: Probe | None,
    after: Probe | None,
    blind: float,
    edges: Sequence[float],
) -> Iterator[Stretch]:
    """The time between two probes, or between one and the end."""
    if ends - begins > blind:
        yield Stretch(begins, ends, State.UNWATCHED)
        return
    change = begins if before is None else ends if after is None else (begins + ends) / 2
    # What changes about when maintenance begins or ends has changed with it.
    change = next((edge for edge in edges if begins <= edge <= ends), change)
    if before:
        yield _stretch(begins, change if after else ends, before)
    if after:
        yield _stretch(change if before else begins, ends, after)


def _stretch(begins: float, ends: float, probe: Probe) -> Stretch:
    return Stretch(begins, ends, State.DOWN if probe.wrong else State.UP, probe.wrong)


def _carved(stretches: Iterable[Stretch], span: Span) -> Iterator[Stretch]:
    for one in stretches:
        inside_from = max(one.begins_seconds, span.begins_seconds)
        inside_to = min(one.ends_seconds, span.ends_seconds)
        if inside_from >= inside_to:
            yield one
            continue
        yield replace(one, ends_seconds=inside_from)
        yield Stretch(inside_from, inside_to, State.MAINTENANCE, span.why)
        yield replace(one, begins_seconds=inside_to)


def _joined(stretches: Iterable[Stretch]) -> list[Stretch]:
    """Neighbours in the same state as one; the first one's reason stays."""
    joined: list[Stretch] = []
    for one in stretches:
        if one.seconds <= 0:
            continue
        if joined and joined[-1].state is one.state:
            joined[-1] = replace(joined[-1], ends_seconds=one.ends_seconds)
        else:
            joined.append(one)
    return joined
