"""What a check of a watch is handed besides the other ports."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from golive.model.facts import Facts
from golive.model.monitoring.records import Probe, WatchOrder
from golive.model.monitoring.schedule import Schedule


@dataclass(frozen=True)
class Sample:
    """One line of a metrics endpoint."""

    name: str
    labels: Mapping[str, str]
    value: float


@dataclass(frozen=True)
class Scrape:
    """What one place offers; `error` says why it offered nothing."""

    place: str
    samples: tuple[Sample, ...] = ()
    error: str = ""

    def values(self, name: str, **labels: str) -> tuple[Sample, ...]:
        """The samples of a name with these labels."""
        wanted = labels.items()
        return tuple(
            one for one in self.samples if one.name == name and wanted <= one.labels.items()
        )

    def sum(self, name: str) -> float | None:
        """The sum over all labels; None where it is not offered."""
        found = self.values(name)
        return sum(one.value for one in found) if found else None

    @property
    def born(self) -> float:
        """When the process was started, 0 where it does not say."""
        return self.sum("process_start_time_seconds") or 0.0


@dataclass(frozen=True)
class Machine:
    """How the machine is that golive runs on."""

    memory_free_ratio: float
    disks: tuple[tuple[str, float], ...]
    """Of every mount point the part that is free."""


@dataclass(frozen=True)
class LogTail:
    """What was added to a log since the last look; `begun` is where the next look begins."""

    file: str
    begun: str
    lines: int
    server_errors: int
    errors: int
    example: str
    error: str = ""


@dataclass(frozen=True)
class Certificate:
    """A certificate at an address; `error` says why none was seen."""

    address: str
    days_left: float
    subject: str
    error: str = ""


class Watching(Protocol):
    """A watch under way, as far as its checks have to know it."""

    @property
    def order(self) -> WatchOrder:
        """What the watch was asked to do."""

    def now_seconds(self) -> float:
        """The time of the watch."""

    def probes_between(self, after_seconds: float, until_seconds: float) -> tuple[Probe, ...]:
        """The light probes that ended in a time."""

    def before(self, scenario: str) -> tuple[Facts, ...]:
        """The evidence of a scenario's last look."""


class NoWatch:
    """In place of a watch where a check is tried alone: it has no time and nothing before it."""

    order = WatchOrder(Schedule("alone", ()), began="")

    def now_seconds(self) -> float:
        """No time has passed."""
        return 0.0

    def probes_between(self, after_seconds: float, until_seconds: float) -> tuple[Probe, ...]:
        """There are none."""
        del after_seconds, until_seconds
        return ()

    def before(self, scenario: str) -> tuple[Facts, ...]:
        """There was no look."""
        del scenario
        return ()


class WatchPort(Protocol):
    """The watch that a check belongs to, and what only watches look at."""

    @property
    def order(self) -> WatchOrder:
        """What the watch was asked to do."""

    @property
    def at_seconds(self) -> float:
        """When this check is made, in seconds of the watch."""

    def probes(self) -> tuple[Probe, ...]:
        """The light probes that ended since the last look of this scenario."""

    def nodes(self) -> tuple[Scrape, ...]:
        """The metrics of every node. Raises UnreachableError where none answers."""

    def machines(self) -> tuple[Scrape, ...]:
        """The metrics of every machine that the target file names."""

    def own_machine(self) -> Machine | None:
        """The machine of a local target; None where the target is elsewhere."""

    def logs(self) -> tuple[LogTail, ...]:
        """What was added to the logs since the last look."""

    def certificates(self) -> tuple[Certificate, ...]:
        """The certificates of every https:// address of the target file."""

    def forge(self) -> tuple[int, float]:
        """Send a notification with a wrong signature: status, and milliseconds. It leaves no row
        and no key, only the line of an access log.
        """
