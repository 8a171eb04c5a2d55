"""Which tickets a run has proven done."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from golive.model.checklist import Item
from golive.model.finding import Finding
from golive.model.outcome import Outcome
from golive.model.plan import Plan
from golive.model.ticket import Ticket
from golive.model.verdict import ItemOutcome, Verdict
from golive.model.wording import word_of


@dataclass(frozen=True)
class Progress:
    """Tickets after a run, and what is to be said of those that it did not prove."""

    tickets: tuple[Ticket, ...]
    open: tuple[str, ...]


def progress_of(
    tickets: Sequence[Ticket], plan: Plan, verdict: Verdict, items: Sequence[Item] = ()
) -> Progress:
    """Bound tickets are done when all they rest on is proven; an accepted failure proves nothing.

    A ticket is bound by the findings that it names, else by the checklist items that stand for it,
    and then by those that stand for one of its parts as well.
    """
    moved, still_open = [], []
    for ticket in tickets:
        bound = _bound(ticket, items)
        lacking = [*_lacking(bound, verdict)]
        if bound and not lacking:
            moved.append(replace(ticket, comment=_comment(bound, plan, verdict)))
            continue
        moved.append(ticket)
        if lacking:
            still_open.append(f"{ticket.key} stays open: {', '.join(lacking)}")
    return Progress(tuple(moved), tuple(still_open))


def _bound(ticket: Ticket, items: Sequence[Item]) -> tuple[Item, ...]:
    if ticket.findings:
        return (Item(ticket.name, "", ticket.findings),)
    if not any(ticket.key in item.proves for item in items):
        return ()
    part = f"{ticket.key}/"
    return tuple(
        item
        for item in items
        if any(name == ticket.key or name.startswith(part) for name in item.proves)
    )


def _lacking(bound: Sequence[Item], verdict: Verdict) -> Iterator[str]:
    findings = {finding.id: finding for finding in verdict.findings}
    judged = {item.id: item for item in verdict.items}
    for item in bound:
        for name in item.findings:
            if name not in findings:
                yield f"{name} was not run"
            elif not _passed(findings[name]):
                yield f"{name} {word_of(findings[name])}"
        if item.by_hand and not _proven(judged.get(item.id)):
            yield f"{item.id} is not proven ({item.by_hand})"


def _proven(item: ItemOutcome | None) -> bool:
    return item is not None and item.outcome is Outcome.PASS and not item.waived


def _passed(finding: Finding) -> bool:
    return finding.outcome is Outcome.PASS and not finding.waived


def _comment(bound: Sequence[Item], plan: Plan, verdict: Verdict) -> str:
    words = [name for item in bound for name in item.findings]
    words += [f"{item.id} ({item.by_hand})" for item in bound if item.by_hand]
    return (
        f"golive run {plan.run} of {plan.target} ({plan.environment}), verdict {verdict.decision}: "
        f"{', '.join(dict.fromkeys(words))} passed."
    )
