"""The judge, on hand-written ledgers: no server, no clock."""

import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import pytest

from golive.judging.judge import judge
from golive.model.evidence import Ending, Evidence, StepRecord
from golive.model.finding import Ruling, failed, passed
from golive.model.ledger import Ledger
from golive.model.operation import Operation, Phase
from golive.model.outcome import Outcome
from golive.model.plan import Plan, Step
from golive.model.profile import Profile
from golive.model.scenario import Scenario
from golive.model.slo import Slo


@dataclass(frozen=True)
class Light:
    """What the hand-written scenario sees."""

    green: bool


def is_green(seen: Sequence[Light], _slo: Slo) -> Ruling:
    """PASS when every light is green."""
    return passed("green", lights=len(seen)) if all(one.green for one in seen) else failed("red")


def leave(_seen: Sequence[Light], _slo: Slo) -> Ruling:
    """A check that ends the process as a successful program would."""
    sys.exit(0)


def forget(_seen: Sequence[Light], _slo: Slo) -> Ruling:
    """A check that forgot to return its ruling."""


def mismeasure(_seen: Sequence[Light], _slo: Slo) -> Ruling:
    """A check with a figure that is none."""
    return passed("green", lights=None)


def explode(_seen: Sequence[Light], _slo: Slo) -> Ruling:
    """A check with a defect."""
    raise ZeroDivisionError("boom")


def scenario(check: object = is_green) -> Scenario:
    """A scenario around a check; its drive is never called by a judge."""

    def drive(_gate: object) -> Iterator[Light]:
        raise AssertionError("a judge must not drive anything")

    return Scenario(
        statement="The light is green.",
        needs=(),
        requires=(),
        evidence=Light,
        drive=drive,
        check=check,
        remediation="Change the bulb.",
        profile=Profile.QUICK,
        deadline_seconds=1.0,
        id="smoke.light",
        suite="smoke",
    )


STEP = Step("smoke.light", "smoke", "The light is green.", (), 1.0, "Change the bulb.")
PLAN = Plan(
    run="r",
    golive="0",
    target="t",
    environment="local",
    base_url="http://t",
    profile="quick",
    started="2026-01-05T08:00:00+00:00",
    capabilities=(),
    left_out={},
    slo=Slo(),
    steps=(STEP,),
    items=(),
    waivers=(),
    gaps=(),
)
RECORD = StepRecord(
    "smoke.light",
    Ending.COMPLETED,
    "",
    "",
    0.0,
    0.5,
    (Evidence("smoke.light/1", "Light", {"green": True}, (1,)),),
)
OPERATIONS = (
    Operation(1, Phase.INVOKE, "smoke.light", "GET /light", 0.1, {}),
    Operation(1, Phase.OK, "smoke.light", "GET /light", 0.2, {}),
)
LEDGER = Ledger((RECORD,), OPERATIONS, 1.0)


def outcome(ledger: Ledger, plan: Plan = PLAN, check: object = is_green) -> tuple[Outcome, str]:
    """Outcome and summary of the one finding."""
    (finding,) = judge(ledger, plan, {"smoke.light": scenario(check)})
    return finding.outcome, finding.summary


def test_whole_evidence_that_satisfies_the_check_passes() -> None:
    """Evidence, operations and an undamaged ledger together give PASS, with figures and ids."""
    (finding,) = judge(LEDGER, PLAN, {"smoke.light": scenario()})

    assert finding.outcome is Outcome.PASS
    assert finding.measured == {"lights": 1}
    assert finding.evidence == ("smoke.light/1",)
    assert finding.remediation == "Change the bulb."


def test_evidence_against_the_statement_fails() -> None:
    """What the check refutes is FAIL."""
    red = replace(RECORD, evidence=(Evidence("smoke.light/1", "Light", {"green": False}, (1,)),))

    assert outcome(replace(LEDGER, steps=(red,))) == (Outcome.FAIL, "red")


def test_a_crashed_check_is_inconclusive_and_keeps_its_traceback() -> None:
    """A defect of a check is never PASS, and can be found in the finding."""
    (finding,) = judge(LEDGER, PLAN, {"smoke.light": scenario(explode)})

    assert finding.outcome is Outcome.INCONCLUSIVE
    assert "ZeroDivisionError: boom" in finding.summary
    assert "explode" in finding.traceback


@pytest.mark.parametrize(
    "check, said",
    [(leave, "SystemExit"), (forget, "returned NoneType"), (mismeasure, "figure lights")],
)
def test_a_check_that_gives_no_ruling_is_inconclusive(check: object, said: str) -> None:
    """A check that leaves the process, or returns something else, decides nothing."""
    found, summary = outcome(LEDGER, check=check)

    assert found is Outcome.INCONCLUSIVE
    assert said in summary


def test_what_the_gate_could_not_look_at_is_inconclusive() -> None:
    """Refused credentials say nothing about the target."""
    detail = "SQL effects: permission denied"
    record = replace(RECORD, ending=Ending.UNOBSERVABLE, detail=detail, evidence=())

    assert outcome(Ledger((record,), (), 1.0)) == (
        Outcome.INCONCLUSIVE,
        f"the gate could not look: {detail}",
    )


@pytest.mark.parametrize("ending", [Ending.CRASHED, Ending.LATE, Ending.INTERRUPTED])
def test_a_drive_that_did_not_complete_is_inconclusive(ending: Ending) -> None:
    """Half a drive proves nothing, even where the half looked good."""
    record = replace(RECORD, ending=ending, detail="why", traceback="trace")

    found, summary = outcome(replace(LEDGER, steps=(record,)))

    assert found is Outcome.INCONCLUSIVE
    assert "why" in summary


def test_an_unreachable_target_fails_with_address_and_error() -> None:
    """Nobody can go live with a target that does not answer."""
    detail = "GET http://t/health: Connection refused"
    record = replace(RECORD, ending=Ending.UNREACHABLE, detail=detail, evidence=())

    assert outcome(Ledger((record,), (), 1.0)) == (Outcome.FAIL, f"unreachable: {detail}")


@pytest.mark.parametrize(
    "ledger",
    [
        replace(LEDGER, operations=()),
        replace(LEDGER, operations=OPERATIONS[:1]),
        replace(LEDGER, steps=()),
        replace(LEDGER, steps=(replace(RECORD, evidence=()),)),
        replace(LEDGER, damage="the ledger was changed after the run: operations.ndjson"),
        replace(LEDGER, operations=tuple(replace(one, process="other") for one in OPERATIONS)),
    ],
    ids=["no operations", "only invoked", "not run", "no evidence", "damaged", "of another step"],
)
def test_missing_foundations_are_inconclusive(ledger: Ledger) -> None:
    """No traffic, no sample, no evidence, an altered ledger: never PASS."""
    assert outcome(ledger)[0] is Outcome.INCONCLUSIVE


def test_evidence_that_cites_unknown_operations_is_inconclusive() -> None:
    """Evidence rests on operations that the ledger really holds."""
    cites = replace(RECORD, evidence=(replace(RECORD.evidence[0], operations=(1, 7)),))

    found, summary = outcome(replace(LEDGER, steps=(cites,)))

    assert found is Outcome.INCONCLUSIVE
    assert "7" in summary


def test_a_blocked_step_is_inconclusive_with_its_reason() -> None:
    """What the plan said cannot run is reported in the plan's words."""
    plan = replace(PLAN, steps=(replace(STEP, blocked=("the target file has no [webhook]",)),))

    expected = (Outcome.INCONCLUSIVE, "the target file has no [webhook]")
    assert outcome(Ledger((), (), 0.0), plan) == expected


def test_evidence_of_another_shape_is_inconclusive() -> None:
    """Evidence of an older scenario with other fields does not crash the judge."""
    alien = replace(RECORD, evidence=(Evidence("smoke.light/1", "Light", {"colour": "red"}, (1,)),))

    assert outcome(replace(LEDGER, steps=(alien,)))[0] is Outcome.INCONCLUSIVE


def test_a_scenario_that_left_the_catalog_is_inconclusive() -> None:
    """An old run whose scenario is gone cannot be judged."""
    (finding,) = judge(LEDGER, PLAN, {})

    assert finding.outcome is Outcome.INCONCLUSIVE
