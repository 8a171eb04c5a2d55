"""Turns a ledger into findings. Whatever is missing or crashed is INCONCLUSIVE, never PASS."""

import traceback
from collections.abc import Mapping

from golive.model.evidence import Ending, StepRecord
from golive.model.facts import revive
from golive.model.finding import Finding, Ruling, failed, inconclusive
from golive.model.ledger import Ledger
from golive.model.operation import Phase
from golive.model.plan import Plan, Step
from golive.model.scenario import Scenario
from golive.model.slo import Slo

NOT_MEASURED_BY: Mapping[Ending, str] = {
    Ending.UNOBSERVABLE: "the gate could not look",
    Ending.CRASHED: "the scenario crashed",
    Ending.CALLED_OFF: "called off",
    Ending.LATE: "the scenario passed its deadline",
    Ending.INTERRUPTED: "the run was interrupted",
}

FAILED_BY: Mapping[Ending, str] = {
    Ending.UNREACHABLE: "unreachable",
    Ending.UNHEALED: "a fault did not heal",
}


def judge(ledger: Ledger, plan: Plan, scenarios: Mapping[str, Scenario]) -> tuple[Finding, ...]:
    """One finding for each step of the plan, in its order."""
    return tuple(judge_step(step, ledger, plan.slo, scenarios) for step in plan.steps)


def judge_step(step: Step, ledger: Ledger, slo: Slo, scenarios: Mapping[str, Scenario]) -> Finding:
    """The finding of one step."""
    record = ledger.step(step.scenario)
    ruling, trace = _rule(step, record, ledger, slo, scenarios.get(step.scenario))
    return Finding(
        id=step.scenario,
        suite=step.suite,
        statement=step.statement,
        outcome=ruling.outcome,
        summary=ruling.summary,
        evidence=tuple(evidence.id for evidence in record.evidence) if record else (),
        measured=dict(ruling.measured),
        remediation=step.remediation,
        seconds=record.seconds if record else 0.0,
        traceback=trace,
        witness=ruling.witness,
        grade=ruling.grade,
    )


def _rule(
    step: Step, record: StepRecord | None, ledger: Ledger, slo: Slo, scenario: Scenario | None
) -> tuple[Ruling, str]:
    """The ruling, and the traceback behind it where something crashed."""
    if step.blocked:
        return inconclusive("; ".join(step.blocked)), ""
    if ledger.damage:
        return inconclusive(ledger.damage), ""
    if record is None:
        return inconclusive("it was not run"), ""
    if reason := FAILED_BY.get(record.ending):
        return failed(f"{reason}: {record.detail}"), ""
    if reason := NOT_MEASURED_BY.get(record.ending):
        return inconclusive(f"{reason}: {record.detail}"), record.traceback
    if reason := _unfounded(record, ledger):
        return inconclusive(reason), ""
    if scenario is None:
        return inconclusive("the catalog no longer has this scenario"), ""
    return _check(scenario, record, slo)


def _unfounded(record: StepRecord, ledger: Ledger) -> str:
    """Why the evidence of a step rests on nothing (empty = it is founded)."""
    completed = {
        operation.number
        for operation in ledger.operations
        if operation.process == record.scenario and operation.phase is not Phase.INVOKE
    }
    cited = {number for evidence in record.evidence for number in evidence.operations}
    if not record.evidence:
        return "it gave no evidence"
    if not completed:
        return "no operation was recorded, so nothing was asked of the target"
    if missing := cited - completed:
        return f"evidence cites operations that the ledger does not hold: {sorted(missing)}"
    return ""


def _check(scenario: Scenario, record: StepRecord, slo: Slo) -> tuple[Ruling, str]:
    try:
        seen = [revive(scenario.evidence, evidence.facts) for evidence in record.evidence]
        return _ruling(scenario.check(seen, slo)), ""
    except KeyboardInterrupt:
        raise
    # Whatever a check does, even `sys.exit(0)`, must become a finding.
    except BaseException as error:  # noqa: BLE001
        detail = f"the check crashed: {type(error).__name__}: {error}"
        return inconclusive(detail), traceback.format_exc()


def _ruling(answer: object) -> Ruling:
    """What a check returned, if it is a ruling. Raises TypeError."""
    if not isinstance(answer, Ruling):
        raise TypeError(f"it returned {type(answer).__name__}, not a ruling")
    for name, figure in answer.measured.items():
        if not isinstance(figure, float | int | str):
            raise TypeError(f"the figure {name} is {type(figure).__name__}, not a number or text")
    return answer
