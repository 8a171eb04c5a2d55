"""Turns findings into a verdict: the worst wins, an empty run is UNPROVEN."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date, datetime

from golive.model.checklist import Item, Waiver
from golive.model.finding import Finding
from golive.model.outcome import Decision, Outcome, worst
from golive.model.plan import Plan
from golive.model.verdict import ItemOutcome, Verdict

DECISIONS = {
    Outcome.PASS: Decision.GO,
    Outcome.FAIL: Decision.NO_GO,
    Outcome.INCONCLUSIVE: Decision.UNPROVEN,
}


def decide(findings: tuple[Finding, ...], plan: Plan) -> Verdict:
    """The verdict of a run on the day it started, so that judging it later says the same."""
    today = datetime.fromisoformat(plan.started).date()
    judged = tuple(_waive(finding, plan.waivers, today) for finding in findings)
    items = tuple(_item(item, {finding.id: finding for finding in judged}) for item in plan.items)
    optional = _only_recommended(plan.items)
    required = [_weight(finding) for finding in judged if finding.id not in optional]
    gaps = [Outcome.INCONCLUSIVE for _ in plan.gaps]
    return Verdict(
        decision=DECISIONS[worst([*required, *gaps])],
        reasons=tuple(_reasons(judged, plan, today, optional)),
        findings=judged,
        items=items,
    )


def _weight(finding: Finding) -> Outcome:
    return Outcome.PASS if finding.waived else finding.outcome


def _waive(finding: Finding, waivers: tuple[Waiver, ...], today: date) -> Finding:
    covered = any(waiver.covers(finding.id, today) for waiver in waivers)
    return replace(finding, waived=covered and finding.outcome is not Outcome.PASS)


def _only_recommended(items: tuple[Item, ...]) -> frozenset[str]:
    """Findings that items name, but no item requires; a finding without an item is required."""
    named = {name for item in items for name in item.findings}
    required = {name for item in items if item.level == "must" for name in item.findings}
    return frozenset(named - required)


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


def _reasons(
    findings: tuple[Finding, ...], plan: Plan, today: date, optional: frozenset[str]
) -> Iterator[str]:
    for outcome in (Outcome.FAIL, Outcome.INCONCLUSIVE):
        for finding in findings:
            if finding.outcome is outcome and not finding.waived and finding.id not in optional:
                yield f"{finding.id}: {finding.summary}"
    yield from plan.gaps
    for waiver in plan.waivers:
        if waiver.expires < today:
            yield f"the waiver of {waiver.id} expired on {waiver.expires.isoformat()} and is void"
