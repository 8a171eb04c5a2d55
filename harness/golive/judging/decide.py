"""Turns findings into a verdict: the worst wins, an empty run is UNPROVEN."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime

from golive.judging.standing import standings
from golive.model.checklist import Item
from golive.model.finding import Finding
from golive.model.ledger import Ledger
from golive.model.logbook import WEEK_SECONDS, Circumstances, Kind, Logbook, Record
from golive.model.outcome import Decision, Outcome, worst
from golive.model.plan import Plan
from golive.model.standing import Standing
from golive.model.verdict import ItemOutcome, Verdict

DECISIONS = {
    Outcome.PASS: Decision.GO,
    Outcome.FAIL: Decision.NO_GO,
    Outcome.INCONCLUSIVE: Decision.UNPROVEN,
}


def decide(findings: tuple[Finding, ...], plan: Plan, ledger: Ledger) -> Verdict:
    """The verdict of a run on the day it started, so that judging it later says the same."""
    judged = tuple(waive(finding, plan) for finding in findings)
    known = {finding.id: finding for finding in judged}
    steps = tuple(_steps(judged, plan, ledger))
    items = (*(_item(item, known) for item in plan.items if not item.is_step), *steps)
    required = tuple(finding for finding in judged if finding.id not in plan.optional)
    gaps = tuple(_gaps(judged, required, plan, ledger))
    weights = [*map(_weight, required), *(Outcome.INCONCLUSIVE for _ in gaps)]
    weights += [step.outcome for step in steps if step.level == "must"]
    return Verdict(
        decision=DECISIONS[worst(weights)],
        reasons=(*_reasons(required), *gaps, *_open(steps, known), *_void_waivers(plan)),
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


def _steps(judged: Sequence[Finding], plan: Plan, ledger: Ledger) -> Iterator[ItemOutcome]:
    """Items of lists for people, by this run's findings and what the logbooks say."""
    steps = [item for item in plan.items if item.is_step]
    started = datetime.fromisoformat(plan.started)
    now = Circumstances(started, plan.commit, WEEK_SECONDS, deployed=plan.deployed)
    seen = [_seen(finding, plan) for finding in judged]
    for name in dict.fromkeys(item.list for item in steps):
        book = ledger.logbooks.get(name, Logbook())
        # A run looks at the target as it is now, so that only its own findings count.
        said = [record for record in book.records if record.kind is not Kind.FINDING]
        inside = [item for item in steps if item.list == name]
        for standing in standings(inside, (*said, *seen), plan.waivers, now):
            yield _step(standing, book.damage)


def _open(steps: Iterable[ItemOutcome], known: Mapping[str, Finding]) -> Iterator[str]:
    """What those lack of which the findings of the run do not tell all."""
    for step in steps:
        if step.level == "must" and (step.rests_on or not known.keys() >= {*step.findings}):
            yield from (f"{step.id}: {lack}" for lack in step.lacks)


def _seen(finding: Finding, plan: Plan) -> Record:
    return Record(
        kind=Kind.FINDING,
        subject=finding.id,
        at=plan.started,
        by="golive",
        commit=plan.commit,
        outcome=finding.outcome,
        note=finding.summary,
    )


def _step(standing: Standing, damage: str) -> ItemOutcome:
    item = standing.item
    outcome = Outcome.PASS if standing.accepted else standing.outcome
    lacks = () if standing.accepted else standing.lacks
    if damage and item.by_hand:
        outcome, lacks = Outcome.FAIL, (f"the logbook cannot be trusted: {damage}",)
    return ItemOutcome(
        id=item.id,
        statement=item.statement,
        level=item.level,
        outcome=outcome,
        waived=standing.accepted,
        findings=item.findings,
        rests_on=item.by_hand,
        lacks=lacks,
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
