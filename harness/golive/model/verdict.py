"""The verdict of a run."""

from dataclasses import dataclass

from golive.model.finding import Finding
from golive.model.outcome import Decision, Outcome


@dataclass(frozen=True)
class ItemOutcome:
    """A checklist item with the outcome of the findings it is bound to."""

    id: str
    statement: str
    level: str
    outcome: Outcome
    waived: bool
    findings: tuple[str, ...]
    rests_on: str = ""
    """What it rests on besides: a command, a signature."""
    lacks: tuple[str, ...] = ()
    """Sentences: why it is not proven, where not only findings decide."""


@dataclass(frozen=True)
class Verdict:
    """GO, NO_GO or UNPROVEN, and the sentences that say why (none for GO).

    `gaps` are the reasons of the run as a whole: no waiver covers them.
    """

    decision: Decision
    reasons: tuple[str, ...]
    findings: tuple[Finding, ...]
    items: tuple[ItemOutcome, ...]
    gaps: tuple[str, ...]
