"""Findings by the word that a reader is told: passed, failed, inconclusive, waived."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from golive.model.finding import Finding
from golive.model.outcome import Outcome


@dataclass(frozen=True)
class Tally:
    """Every finding is in exactly one group: a waived one is waived, whatever its outcome."""

    passed: tuple[Finding, ...]
    failed: tuple[Finding, ...]
    inconclusive: tuple[Finding, ...]
    waived: tuple[Finding, ...]

    @classmethod
    def of(cls, findings: Iterable[Finding]) -> "Tally":
        """Sort findings into the groups; within a group their order stays."""
        seen = tuple(findings)

        def group(outcome: Outcome) -> tuple[Finding, ...]:
            return tuple(one for one in seen if one.outcome is outcome and not one.waived)

        return cls(
            passed=group(Outcome.PASS),
            failed=group(Outcome.FAIL),
            inconclusive=group(Outcome.INCONCLUSIVE),
            waived=tuple(one for one in seen if one.waived),
        )

    @property
    def counts(self) -> Mapping[str, int]:
        """How many findings each word has."""
        return {name: len(getattr(self, name)) for name in self.__dataclass_fields__}


NAMES_SHOWN = 5


def names(findings: Iterable[Finding]) -> str:
    """The ids of findings in one line; a long list is cut and says so."""
    return shortened(finding.id for finding in findings)


def shortened(words: Iterable[str]) -> str:
    """Words in one line; a long list is cut and says so."""
    ids = list(words)
    more = len(ids) - NAMES_SHOWN
    return ", ".join(ids) if more <= 0 else f"{', '.join(ids[:NAMES_SHOWN])} and {more} more"
