"""Findings: what a check makes of evidence."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from golive.model.outcome import Outcome

Measured = Mapping[str, float | int | str]
"""Figures with their unit in the name: `{"p95_ms": 12.3}`."""


@dataclass(frozen=True)
class Ruling:
    """What one check returns: outcome, one sentence, the figures behind it."""

    outcome: Outcome
    summary: str
    measured: Measured = field(default_factory=dict)
    witness: str = ""
    """The shortest story that shows it, in lines: what happened to one payment, in order."""


def passed(summary: str, **measured: float | str) -> Ruling:
    """The evidence shows that the statement holds."""
    return Ruling(Outcome.PASS, summary, measured)


def failed(summary: str, **measured: float | str) -> Ruling:
    """The evidence shows that the statement does not hold."""
    return Ruling(Outcome.FAIL, summary, measured)


def inconclusive(summary: str, **measured: float | str) -> Ruling:
    """The evidence does not decide."""
    return Ruling(Outcome.INCONCLUSIVE, summary, measured)


@dataclass(frozen=True)
class Finding:
    """A judged statement about the target."""

    id: str
    suite: str
    statement: str
    outcome: Outcome
    summary: str
    evidence: tuple[str, ...]
    measured: Measured
    remediation: str
    seconds: float
    traceback: str = ""
    waived: bool = False
    witness: str = ""
