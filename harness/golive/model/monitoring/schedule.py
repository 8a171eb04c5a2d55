"""When a watch checks: phases of hours, each with a pace. All times are seconds of the watch."""

from dataclasses import dataclass

HOUR_SECONDS = 3600.0
MINUTE_SECONDS = 60.0


@dataclass(frozen=True)
class Phase:
    """For so many hours, a check every so many minutes."""

    hours: float
    every_minutes: float


@dataclass(frozen=True)
class Schedule:
    """One file of `scenarios/monitor/schedules/`; `name` is the file's."""

    summary: str
    phases: tuple[Phase, ...]
    name: str = ""

    @property
    def seconds(self) -> float:
        """How long the watch lasts: until its last check."""
        return max(self.due_seconds, default=0.0)

    @property
    def due_seconds(self) -> tuple[float, ...]:
        """When checks are due, from the start of the watch."""
        due: list[float] = []
        begins = 0.0
        for phase in self.phases:
            every = phase.every_minutes * MINUTE_SECONDS
            ends = begins + phase.hours * HOUR_SECONDS
            count = int((ends - begins) / every + 1e-9)
            due += [round(begins + every * number, 3) for number in range(1, count + 1)]
            begins = ends
        return tuple(due)
