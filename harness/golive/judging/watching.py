"""Judges a watch: every check by itself, and all of them together."""

from collections.abc import Iterator, Mapping, Sequence

from golive.judging.judge import judge_step
from golive.model.finding import Finding
from golive.model.ledger import Ledger
from golive.model.monitoring.incidents import Judged
from golive.model.monitoring.overall import overall
from golive.model.monitoring.records import Checked, Kind, WatchHistory, merged
from golive.model.operation import Operation
from golive.model.plan import Plan, Step
from golive.model.scenario import Scenario


def judge_checks(
    history: WatchHistory, ledger: Ledger, plan: Plan, scenarios: Mapping[str, Scenario]
) -> tuple[Judged, ...]:
    """A finding for every scenario of every check."""
    return tuple(
        judged
        for number in sorted({one.number for one in history.checks})
        for judged in judge_check(number, history, ledger, plan, scenarios)
    )


def judge_check(
    number: int,
    history: WatchHistory,
    ledger: Ledger,
    plan: Plan,
    scenarios: Mapping[str, Scenario],
) -> Iterator[Judged]:
    """A finding for every scenario of one check, from all that was seen until then."""
    operations = _by_process(ledger.operations)
    for step in plan.steps:
        seen = [one for one in history.of(step.scenario) if one.number <= number]
        if not seen or seen[-1].number != number or seen[-1].kind is Kind.START:
            continue
        narrow = Ledger(
            steps=(merged(seen),),
            operations=operations.get(step.scenario, ()),
            seconds=ledger.seconds,
            damage=ledger.damage,
        )
        yield _judged(seen[-1], judge_step(step, narrow, plan.slo, scenarios))


def judge_watch(
    judged: Sequence[Judged], history: WatchHistory, ledger: Ledger, plan: Plan
) -> tuple[Finding, ...]:
    """One finding for each statement about the whole watch."""
    return tuple(_whole(step, judged, history, ledger, plan) for step in plan.steps)


def _whole(
    step: Step, judged: Sequence[Judged], history: WatchHistory, ledger: Ledger, plan: Plan
) -> Finding:
    own = [one for one in judged if one.finding.id == step.scenario]
    blank = judge_step(step, Ledger((), (), ledger.seconds, ledger.damage), plan.slo, {})
    return overall(own, history, blank)


def _judged(checked: Checked, finding: Finding) -> Judged:
    is_scheduled = checked.kind is not Kind.CALLED
    return Judged(checked.number, checked.at_seconds, is_scheduled, finding)


def _by_process(operations: Sequence[Operation]) -> Mapping[str, tuple[Operation, ...]]:
    found: dict[str, list[Operation]] = {}
    for operation in operations:
        found.setdefault(operation.process, []).append(operation)
    return {name: tuple(entries) for name, entries in found.items()}
