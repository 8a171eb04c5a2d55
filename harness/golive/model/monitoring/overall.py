"""What all checks of a watch say together of one statement."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from golive.model.finding import Finding, Grade
from golive.model.monitoring.incidents import Judged
from golive.model.monitoring.records import WatchHistory
from golive.model.monitoring.wording import clock
from golive.model.outcome import Outcome
from golive.model.wording import duration


def overall(judged: Sequence[Judged], history: WatchHistory, blank: Finding) -> Finding:
    """The finding of a whole watch; `blank` is that of a statement that was not judged at all.

    It fails where it failed critically or fails at the end. What failed and was healthy again is
    documented as an incident, and holds. One look that could not look makes it INCONCLUSIVE.
    """
    counted = [one for one in judged if not history.order.in_maintenance(one.at_seconds)]
    if not counted:
        return blank
    last = counted[-1].finding
    worst = next((one.finding for one in counted if one.finding.grade is Grade.CRITICAL), None)
    conclusive = [one for one in counted if one.finding.outcome is not Outcome.INCONCLUSIVE]
    blind = [one for one in counted if _is_blind(one.finding)]
    if worst is not None:
        return _said(last, Outcome.FAIL, f"{worst.summary} ({_counts(counted)})")
    if conclusive and conclusive[-1].finding.outcome is Outcome.FAIL:
        failing = conclusive[-1].finding.summary
        return _said(last, Outcome.FAIL, f"at the end: {failing} ({_counts(counted)})")
    if blind or not conclusive:
        reason = (blind or counted)[0].finding.summary
        return _said(last, Outcome.INCONCLUSIVE, f"{reason} ({_counts(counted)})")
    return _said(last, Outcome.PASS, f"{conclusive[-1].finding.summary} ({_counts(counted)})")


def gaps(history: WatchHistory, unwatched_seconds: float) -> Iterator[str]:
    """Why a watch cannot be GO, whatever its findings say."""
    due = len(history.order.schedule.due_seconds)
    if missed := history.missed:
        at = ", ".join(clock(one) for one in missed[:6])
        more = f" and {len(missed) - 6} more" if len(missed) > 6 else ""  # noqa: PLR2004 - a line
        yield f"{len(missed)} of {due} checks were missed: {at}{more}"
    if to_come := history.to_come:
        watched = duration(history.until_seconds)
        yield f"the watch ended after {watched}: {len(to_come)} of {due} checks were not made"
    if unwatched_seconds > history.order.blind_seconds:
        yield f"{duration(unwatched_seconds)} were not watched"


def _is_blind(finding: Finding) -> bool:
    return finding.outcome is Outcome.INCONCLUSIVE and finding.grade is not Grade.IDLE


def _counts(counted: Sequence[Judged]) -> str:
    findings = [one.finding for one in counted]
    words = {
        "held": sum(one.outcome is Outcome.PASS for one in findings),
        "failed": sum(one.outcome is Outcome.FAIL for one in findings),
        "blind": sum(map(_is_blind, findings)),
        "without traffic": sum(one.grade is Grade.IDLE for one in findings),
    }
    told = ", ".join(f"{count} {word}" for word, count in words.items() if count)
    return f"of {len(findings)} checks {told}"


def _said(last: Finding, outcome: Outcome, summary: str) -> Finding:
    return replace(last, outcome=outcome, summary=summary, grade=Grade.PLAIN)
