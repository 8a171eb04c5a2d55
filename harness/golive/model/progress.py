"""Which tickets a run has proven done."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from golive.model.finding import Finding
from golive.model.outcome import Outcome
from golive.model.plan import Plan
from golive.model.ticket import Ticket
from golive.model.verdict import Verdict
from golive.model.wording import word_of


@dataclass(frozen=True)
class Progress:
    """Tickets after a run, and what is to be said of those that it did not prove."""

    tickets: tuple[Ticket, ...]
    open: tuple[str, ...]


def progress_of(tickets: Sequence[Ticket], plan: Plan, verdict: Verdict) -> Progress:
    """Bound tickets are done when each of their findings passed; an accepted failure is none."""
    findings = {finding.id: finding for finding in verdict.findings}
    moved, still_open = [], []
    for ticket in tickets:
        lacking = _unproven(ticket, findings)
        if ticket.findings and not lacking:
            moved.append(replace(ticket, comment=_comment(ticket, plan, verdict)))
            continue
        moved.append(ticket)
        if lacking:
            still_open.append(f"{ticket.key} stays open: {', '.join(lacking)}")
    return Progress(tuple(moved), tuple(still_open))


def _unproven(ticket: Ticket, findings: Mapping[str, Finding]) -> list[str]:
    return [
        f"{name} {word_of(findings[name]) if name in findings else 'was not run'}"
        for name in ticket.findings
        if name not in findings or not _passed(findings[name])
    ]


def _passed(finding: Finding) -> bool:
    return finding.outcome is Outcome.PASS and not finding.waived


def _comment(ticket: Ticket, plan: Plan, verdict: Verdict) -> str:
    return (
        f"golive run {plan.run} of {plan.target} ({plan.environment}), verdict {verdict.decision}: "
        f"{', '.join(ticket.findings)} passed."
    )
