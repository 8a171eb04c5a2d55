"""What a report shows of a watch, worded and drawn."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Pictured:
    """A drawing as SVG; `legend` names its lines by their class."""

    title: str
    unit: str
    legend: tuple[tuple[str, str], ...]
    svg: str


@dataclass(frozen=True)
class Told:
    """Who was told of what, and whether it arrived."""

    channel: str
    incident: int
    event: str
    when: str
    result: str
    arrived: bool


@dataclass(frozen=True)
class ToldIncident:
    """An incident in words."""

    number: int
    severity: str
    scenario: str
    begins: str
    ends: str
    length: str
    cause: str
    symptoms: tuple[str, ...]
    remediation: str
    is_open: bool


@dataclass(frozen=True)
class WatchPage:
    """All of it, in the order in which it is read."""

    headline: str
    figures: tuple[tuple[str, str], ...]
    handover: tuple[str, ...]
    incidents: tuple[ToldIncident, ...]
    outages: tuple[str, ...]
    missed: tuple[str, ...]
    maintenance: tuple[str, ...]
    burns: tuple[str, ...]
    told: tuple[Told, ...]
    pictures: tuple[Pictured, ...]
