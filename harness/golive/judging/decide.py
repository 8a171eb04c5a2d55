"""Turns findings into a verdict: the worst wins, an empty run is UNPROVEN."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date, datetime

from golive.model.checklist import Item
from golive.model.finding import Finding
from golive.model.ledger import Ledger
from golive.model.outcome import Decision, Outcome, worst
from golive.model.plan import Plan
from golive.model.verdict import ItemOutcome, Verdict

DECISIONS = {
    Outcome.PASS: Decision.GO,
    Outcome.FAIL: Decision.NO_GO,
    Outcome.INCONCLUSIVE: Decision.UNPROVEN,
}


def decide(findings: tuple[Finding, ...], plan: Plan, ledger: Ledger) -> Verdict:
    """The verdict of a run on the day it started, so that judging it later says the same."""
    judged = tuple(waive(finding, plan) for finding in findings)
    items = tuple(_item(item, {finding.id: finding for finding in judged}) for item in plan.items)
    required = tuple(finding for finding in judged if finding.id not in plan.optional)
    gaps = tuple(_gaps(judged, required, plan, ledger))
    weights = [*map(_weight, required), *(Outcome.INCONCLUSIVE for _ in gaps)]
    return Verdict(
        decision=DECISIONS[worst(weights)],
        reasons=(*_reasons(required), *gaps, *_void_waivers(plan)),
        findings=judged,
        items=items,
        gaps=gaps,
    )


def waive(finding: Finding, plan: Plan) -> Finding:
    """The finding, marked if a waiver that held when the run started accepts it."""
    today = _day(plan)
    covered = any(waiver.covers(finding.id, today) for waiver in plan.waivers)
    return replace(finding, waived=covered and finding.outcome is not Outcome.PASS)


def _day(plan: Plan) -> date:
    return datetime.fromisoformat(plan.started).date()


def _weight(finding: Finding) -> Outcome:
    return Outcome.PASS if finding.waived else finding.outcome


def _item(item: Item, findings: Mapping[str, Finding]) -> ItemOutcome:
    # A plan holds an item only together with all of its findings.
    bound = [findings[name] for name in item.findings]
    return ItemOutcome(
        id=item.id,
        statement=item.statement,
        level=item.level,
        outcome=worst(_weight(finding) for finding in bound),
        waived=any(finding.waived for finding in bound),
        findings=item.findings,
    )


def _gaps(
    judged: tuple[Finding, ...], required: tuple[Finding, ...], plan: Plan, ledger: Ledger
) -> Iterator[str]:
    """Why the run as a whole cannot be GO."""
    yield from plan.gaps
    if ledger.damage:
        yield ledger.damage
    if judged and not required:
        yield "no statement that is required was judged"


def _reasons(required: tuple[Finding, ...]) -> Iterator[str]:
    for outcome in (Outcome.FAIL, Outcome.INCONCLUSIVE):
        for finding in required:
            if finding.outcome is outcome and not finding.waived:
                yield f"{finding.id}: {finding.summary}"


def _void_waivers(plan: Plan) -> Iterator[str]:
    for waiver in plan.waivers:
        if waiver.expires < _day(plan):
            yield f"the waiver of {waiver.id} expired on {waiver.expires.isoformat()} and is void"
