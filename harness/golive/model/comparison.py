"""What changed between two runs of one target."""

from dataclasses import dataclass
from enum import StrEnum

from golive.model.outcome import Decision


class Change(StrEnum):
    """What became of a figure. Only what is beyond chance is better or worse."""

    WORSE = "worse"
    BETTER = "better"
    CHANCE = "within chance"
    MACHINE = "within what the machine varies"
    SHORT = "too short to tell"


@dataclass(frozen=True)
class Changed:
    """A finding with another outcome than before, in words: passed, failed, …"""

    finding: str
    before: str
    after: str
    summary: str
    change: Change


@dataclass(frozen=True)
class Difference:
    """One figure of one stage of a load, before and after.

    Latencies are those of a typical second; `times` is how many times larger they became, between
    `low` and `high`. Counts are of seconds, and have no ratio (all three are 0). `counts` says
    whether it is held against the target: not where a stage may be slow.
    """

    scenario: str
    stage: str
    what: str
    before: float
    after: float
    unit: str
    times: float
    low: float
    high: float
    change: Change
    counts: bool = True


@dataclass(frozen=True)
class Comparison:
    """All of it. `untold` says what could not be compared, and why; `notes` what else differs."""

    target: str
    profile: str
    before: str
    after: str
    verdict_before: Decision
    verdict_after: Decision
    findings: tuple[Changed, ...]
    differences: tuple[Difference, ...]
    untold: tuple[str, ...]
    notes: tuple[str, ...]

    @property
    def worse(self) -> bool:
        """Whether anything got worse, beyond chance."""
        changes = [one.change for one in self.findings]
        changes += [one.change for one in self.differences if one.counts]
        return Change.WORSE in changes
