"""Outcomes of findings and of whole runs, and how they combine: the worst wins."""

from collections.abc import Iterable
from enum import StrEnum


class Outcome(StrEnum):
    """What a check says of the evidence. INCONCLUSIVE is never shown, or counted, as passed."""

    PASS = "PASS"  # noqa: S105 - no password
    FAIL = "FAIL"
    INCONCLUSIVE = "INCONCLUSIVE"


class Decision(StrEnum):
    """What a run says of the target."""

    GO = "GO"
    NO_GO = "NO_GO"
    UNPROVEN = "UNPROVEN"


def worst(outcomes: Iterable[Outcome]) -> Outcome:
    """FAIL over INCONCLUSIVE over PASS; nothing at all is INCONCLUSIVE."""
    seen = set(outcomes)
    if Outcome.FAIL in seen:
        return Outcome.FAIL
    return Outcome.PASS if seen == {Outcome.PASS} else Outcome.INCONCLUSIVE
