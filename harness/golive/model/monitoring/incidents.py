"""Incidents: opened by the first check that fails, closed when it is healthy, one for one cause.

While something critical is wrong, everything else that fails is taken for its symptom; what is
left of a symptom when the incident closes opens no other one until it has been healthy once, or is
critical for too long. What begins to be critical when the incident closes is none of its symptoms.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby

from golive.model.finding import Finding, Grade
from golive.model.monitoring.records import WatchOrder
from golive.model.outcome import Outcome

AFTERMATH_SECONDS = 1800.0
"""So long what is left of an incident may be critical: by then the burn of the budget is over."""


@dataclass(frozen=True)
class Judged:
    """A finding of one check of a watch."""

    number: int
    at_seconds: float
    is_scheduled: bool
    finding: Finding


@dataclass(frozen=True)
class Incident:
    """Something that went wrong. `ends_seconds` is None while it goes on."""

    number: int
    is_critical: bool
    scenario: str
    begins_seconds: float
    cause: str
    remediation: str
    ends_seconds: float | None = None
    symptoms: tuple[str, ...] = ()
    """What else failed meanwhile: `monitor.errors: 12 answers of 500`."""

    @property
    def severity(self) -> str:
        """Its severity in a word."""
        return "critical" if self.is_critical else "documented"


def incidents(judged: Sequence[Judged], order: WatchOrder) -> tuple[Incident, ...]:
    """All incidents in the order in which they began; maintenance opens none."""
    book = _Book()
    by_number = sorted(judged, key=lambda one: one.number)
    for _, group in groupby(by_number, key=lambda one: one.number):
        check = list(group)
        if not order.in_maintenance(check[0].at_seconds):
            book.enter(check)
    return tuple(sorted(book.all, key=lambda one: one.number))


@dataclass
class _Book:
    """The incidents so far."""

    closed: list[Incident] = field(default_factory=list)
    opened: dict[str, Incident] = field(default_factory=dict)
    """By the scenario whose failure opened it, and whose health closes it."""
    aftermath: dict[str, tuple[bool, float]] = field(default_factory=dict)
    """What is left of an incident that is over: whether it is still critical, and since when."""

    @property
    def all(self) -> Iterable[Incident]:
        return (*self.closed, *self.opened.values())

    def enter(self, check: Sequence[Judged]) -> None:
        failed = [one for one in check if one.finding.outcome is Outcome.FAIL]
        known = {name for one in self.opened.values() for name in _names(one.symptoms)}
        # The critical ones first: the others may be their symptoms. Among them the catalog's order
        # decides, which has the availability before what rests on it.
        for one in sorted(failed, key=lambda one: not _is_critical(one.finding)):
            self._fail(one)
        for one in check:
            if one.finding.outcome is Outcome.PASS:
                self._close(one)
                self.aftermath.pop(one.finding.id, None)
        for one in failed:
            if _is_critical(one.finding) and one.finding.id not in known:
                self._open_alone(one)

    def _fail(self, one: Judged) -> None:
        name, critical = one.finding.id, _is_critical(one.finding)
        known = self.opened.get(name)
        if known is not None:
            if critical and not known.is_critical:
                self.opened[name] = self._upgraded(known, one)
            elif known.is_critical and not critical:
                self._close(one)
                self.aftermath[name] = (False, one.at_seconds)
        elif host := self._critical():
            if name not in _names(host.symptoms):
                symptoms = (*host.symptoms, _symptom(one.finding))
                self.opened[host.scenario] = replace(host, symptoms=symptoms)
        elif name not in self.aftermath or (critical and not self._is_excused(one)):
            self.aftermath.pop(name, None)
            self.opened[name] = self._new(one)
        else:
            self.aftermath[name] = (critical, self.aftermath[name][1])

    def _is_excused(self, one: Judged) -> bool:
        """Whether it is critical still, and not for long."""
        was_critical, since = self.aftermath[one.finding.id]
        return was_critical and one.at_seconds - since < AFTERMATH_SECONDS

    def _open_alone(self, one: Judged) -> None:
        """It was taken for a symptom of an incident that this very check has closed."""
        name = one.finding.id
        just_closed = name in self.aftermath and self.aftermath[name][1] == one.at_seconds
        if just_closed and name not in self.opened and self._critical() is None:
            self.aftermath.pop(name)
            self.opened[name] = self._new(one)

    def _close(self, one: Judged) -> None:
        if known := self.opened.pop(one.finding.id, None):
            self.closed.append(replace(known, ends_seconds=one.at_seconds))
            left = _names(known.symptoms)
            self.aftermath |= dict.fromkeys(left, (True, one.at_seconds))

    def _critical(self) -> Incident | None:
        return next((one for one in self.opened.values() if one.is_critical), None)

    def _new(self, one: Judged) -> Incident:
        finding = one.finding
        return Incident(
            number=len(self.closed) + len(self.opened) + 1,
            is_critical=_is_critical(finding),
            scenario=finding.id,
            begins_seconds=one.at_seconds,
            cause=finding.summary,
            remediation=finding.remediation,
        )

    def _upgraded(self, known: Incident, one: Judged) -> Incident:
        return replace(known, is_critical=True, cause=f"{known.cause}; then {one.finding.summary}")


def _is_critical(finding: Finding) -> bool:
    return finding.grade is Grade.CRITICAL


def _symptom(finding: Finding) -> str:
    return f"{finding.id}: {finding.summary}"


def _names(symptoms: Iterable[str]) -> tuple[str, ...]:
    return tuple(text.partition(":")[0] for text in symptoms)
