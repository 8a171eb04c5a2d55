"""Findings: what a check makes of evidence."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from golive.model.outcome import Outcome

Measured = Mapping[str, float | int | str]
"""Figures with their unit in the name: `{"p95_ms": 12.3}`."""


class Grade(StrEnum):
    """What a watch makes of a ruling beyond its outcome."""

    PLAIN = "plain"
    CRITICAL = "critical"
    """It failed so badly that somebody must be told at once."""
    IDLE = "idle"
    """It is INCONCLUSIVE because nothing happened that could be judged; nobody was blind."""


@dataclass(frozen=True)
class Ruling:
    """What one check returns: outcome, one sentence, the figures behind it."""

    outcome: Outcome
    summary: str
    measured: Measured = field(default_factory=dict)
    witness: str = ""
    """The shortest story that shows it, in lines: what happened to one payment, in order."""
    grade: Grade = Grade.PLAIN


def passed(summary: str, **measured: float | str) -> Ruling:
    """The evidence shows that the statement holds."""
    return Ruling(Outcome.PASS, summary, measured)


def failed(summary: str, **measured: float | str) -> Ruling:
    """The evidence shows that the statement does not hold."""
    return Ruling(Outcome.FAIL, summary, measured)


def inconclusive(summary: str, **measured: float | str) -> Ruling:
    """The evidence does not decide."""
    return Ruling(Outcome.INCONCLUSIVE, summary, measured)


def critical(summary: str, **measured: float | str) -> Ruling:
    """The statement does not hold, and somebody must be told at once."""
    return Ruling(Outcome.FAIL, summary, measured, grade=Grade.CRITICAL)


def idle(summary: str, **measured: float | str) -> Ruling:
    """Nothing happened that could be judged."""
    return Ruling(Outcome.INCONCLUSIVE, summary, measured, grade=Grade.IDLE)


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
    grade: Grade = Grade.PLAIN
