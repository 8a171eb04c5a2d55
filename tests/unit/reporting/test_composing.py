"""Headline, next steps and counts of hand-written runs."""

from collections.abc import Mapping
from datetime import date
from typing import Any

import pytest

from golive.model.checklist import Waiver
from golive.model.evidence import Ending, StepRecord
from golive.model.finding import Finding
from golive.model.ledger import Ledger
from golive.model.outcome import Decision, Outcome
from golive.model.plan import Plan, Step
from golive.model.report import Report
from golive.model.slo import Slo
from golive.model.verdict import Verdict
from golive.reporting.composing import compose

PASS, FAIL, INCONCLUSIVE = Outcome.PASS, Outcome.FAIL, Outcome.INCONCLUSIVE
GO, NO_GO, UNPROVEN = Decision.GO, Decision.NO_GO, Decision.UNPROVEN


def plan(**changes: Any) -> Plan:
    """A plan for the reference deployment."""
    usual: dict[str, Any] = {
        "run": "20261005T093012Z-7f3a",
        "golive": "0.1.0",
        "target": "reference",
        "environment": "local",
        "base_url": "http://127.0.0.1:8080",
        "profile": "quick",
        "started": "2026-10-05T09:30:12Z",
        "capabilities": (),
        "left_out": {},
        "slo": Slo(),
        "steps": (),
        "items": (),
        "waivers": (),
        "gaps": (),
    }
    return Plan(**{**usual, **changes})


def step(name: str, *blocked: str) -> Step:
    """A step of the plan."""
    return Step(name, "smoke", "It works", (), 45.0, "Mend it.", blocked)


def finding(name: str, outcome: Outcome, **changes: Any) -> Finding:
    """A finding of the suite smoke."""
    usual: dict[str, Any] = {
        "summary": "it was seen",
        "remediation": f"Mend {name}.",
        "measured": {},
    }
    fields = {**usual, **changes}
    return Finding(
        id=name,
        suite="smoke",
        statement="It works",
        outcome=outcome,
        evidence=(),
        seconds=1.0,
        **fields,
    )


def ledger(*endings: tuple[str, Ending], damage: str = "") -> Ledger:
    """A ledger whose steps ended so."""
    records = (StepRecord(name, ending, "why", "", 0.0, 1.0, ()) for name, ending in endings)
    return Ledger(tuple(records), (), 12.5, damage)


def report(
    decision: Decision, *findings: Finding, record: Ledger | None = None, **plan_: Any
) -> Report:
    """The report of a run with these findings."""
    record = record or ledger()
    gaps = (*plan_.get("gaps", ()), *filter(None, [record.damage]))
    return compose(plan(**plan_), record, Verdict(decision, (), findings, (), gaps))


def waiver(name: str, expires: date = date(2026, 11, 1)) -> Waiver:
    """An accepted finding."""
    return Waiver(name, "It is known.", "Dana", "None.", expires)


def test_go_says_that_every_statement_holds() -> None:
    """The headline of a GO counts the statements and names the target."""
    made = report(GO, finding("a", PASS), finding("b", PASS))
    assert made.headline == "GO: all 2 statements about reference (local) hold"


def test_one_statement_is_not_spoken_of_as_many() -> None:
    """A run of one scenario has a sentence in the singular."""
    made = report(GO, finding("a", PASS))
    assert made.headline == "GO: the one statement about reference (local) holds"


def test_no_go_names_what_failed() -> None:
    """The headline of a NO_GO names what failed, and then what could not be judged."""
    made = report(NO_GO, finding("a", FAIL), finding("b", PASS), finding("c", INCONCLUSIVE))
    assert made.headline == (
        "NO_GO: 1 of 3 statements about reference (local) does not hold: a; "
        "1 could not be judged: c"
    )


def test_unproven_names_what_could_not_be_judged() -> None:
    """The headline of an UNPROVEN counts and names what could not be judged."""
    made = report(UNPROVEN, finding("a", INCONCLUSIVE), finding("b", INCONCLUSIVE))
    assert made.headline == (
        "UNPROVEN: 2 of 2 statements about reference (local) could not be judged: a, b"
    )


def test_a_gap_of_the_run_is_said_though_every_finding_passed() -> None:
    """A run that is UNPROVEN for gaps says the first, and how many more there are."""
    made = report(UNPROVEN, finding("a", PASS), gaps=("there is no load", "there is no chaos"))
    assert made.headline == (
        "UNPROVEN: the one statement about reference (local) holds; "
        "there is no load; one more gap of this kind"
    )
    assert "Close the gap: there is no chaos." in made.next_steps


def test_an_empty_run_says_that_nothing_was_judged() -> None:
    """A run without findings never sounds like a success."""
    made = report(UNPROVEN, gaps=("nothing was run",))
    assert made.headline == "UNPROVEN: nothing about reference (local) was judged; nothing was run"
    assert made.next_steps == ("Close the gap: nothing was run.", "Then run the gate again.")
    assert set(made.counts.values()) == {0}


def test_an_interrupted_run_says_so() -> None:
    """The headline and the next steps of an interrupted run say that it was interrupted."""
    made = report(
        UNPROVEN,
        finding("a", INCONCLUSIVE),
        finding("b", INCONCLUSIVE),
        record=ledger(("a", Ending.INTERRUPTED)),
    )
    assert made.headline.endswith("could not be judged: a, b; the run was interrupted")
    assert made.next_steps == (
        "a: Run it again and let it finish: the run was interrupted.",
        "b: Run it again: it was not reached.",
        "Then run the gate again.",
    )


def test_a_waived_finding_is_counted_as_waived_only() -> None:
    """A waived failure is neither failed nor passed, and its waiver's end is a next step."""
    made = report(GO, finding("a", PASS), finding("b", FAIL, waived=True), waivers=(waiver("b"),))
    assert made.counts == {"passed": 1, "failed": 0, "inconclusive": 0, "waived": 1}
    assert made.headline == "GO: 1 of 2 statements about reference (local) holds; 1 is waived: b"
    assert made.next_steps[0] == "b: Mend it before its waiver expires on 2026-11-01."


def test_an_expired_waiver_is_said_where_it_would_have_been_needed() -> None:
    """A void waiver is named together with the day on which it expired."""
    void = (waiver("a", date(2026, 10, 4)), waiver("b", date(2026, 10, 4)))
    made = report(NO_GO, finding("a", FAIL), finding("b", PASS), waivers=void)
    assert made.next_steps == (
        "a: Mend a.",
        "a: Mend it or have its waiver renewed, which expired on 2026-10-04.",
        "Then run the gate again.",
    )


@pytest.mark.parametrize(
    "outcome,words",
    [
        (FAIL, "1 does not hold, but is only recommended: b"),
        (INCONCLUSIVE, "1 could not be judged, but is only recommended: b"),
    ],
)
def test_go_does_not_hide_what_is_only_recommended(outcome: Outcome, words: str) -> None:
    """A GO with a recommended finding that does not hold names it."""
    made = report(GO, finding("a", PASS), finding("b", outcome))
    assert made.headline == f"GO: 1 of 2 statements about reference (local) holds; {words}"


def test_findings_with_the_same_remedy_share_one_step() -> None:
    """What mends two findings is said once."""
    same = [finding(name, FAIL, remediation="Start the worker.") for name in ("a", "b")]
    assert report(NO_GO, *same).next_steps == (
        "a, b: Start the worker.",
        "Then run the gate again.",
    )


def test_a_long_list_of_names_is_cut_and_says_so() -> None:
    """The headline stays one line that can be read, whatever failed."""
    made = report(NO_GO, *(finding(f"s{number}", FAIL) for number in range(9)))
    assert made.headline.endswith("do not hold: s0, s1, s2, s3, s4 and 4 more")


def test_a_failure_without_remediation_still_has_a_step() -> None:
    """A scenario that gives no advice sends the reader to what was seen."""
    made = report(NO_GO, finding("a", FAIL, remediation=""))
    assert made.next_steps[0] == "a: Look at its evidence; it was seen."


@pytest.mark.parametrize(
    "ending,advice",
    [
        (Ending.LATE, "Find out what takes longer than 45 s, or allow it more time."),
        (Ending.CRASHED, "Mend the scenario: it crashed, and its traceback says where."),
        (Ending.COMPLETED, "It could not be decided (it was seen). Mend a."),
    ],
)
def test_what_makes_a_finding_provable_depends_on_how_its_scenario_ended(
    ending: Ending, advice: str
) -> None:
    """Each ending of a scenario has its own advice."""
    made = report(
        UNPROVEN, finding("a", INCONCLUSIVE), record=ledger(("a", ending)), steps=(step("a"),)
    )
    assert made.next_steps[0] == f"a: {advice}"


def test_a_crashed_check_is_told_from_a_crashed_scenario() -> None:
    """Where the scenario completed and there is a traceback, the check is what has to be mended."""
    made = report(
        UNPROVEN,
        finding("a", INCONCLUSIVE, traceback="Traceback"),
        record=ledger(("a", Ending.COMPLETED)),
    )
    assert made.next_steps[0] == "a: Mend the check: it crashed, and its traceback says where."


def test_a_blocked_step_says_what_it_lacks() -> None:
    """What the plan found impossible comes back as advice, once for all that lack the same."""
    lacking = "the target file has no [observe.sql]"
    made = report(
        UNPROVEN,
        finding("a", INCONCLUSIVE),
        finding("b", INCONCLUSIVE),
        steps=(step("a", lacking), step("b", lacking)),
    )
    assert made.next_steps[0] == f"a, b: This cannot be judged while {lacking}."


def test_a_damaged_ledger_is_named_in_the_headline() -> None:
    """A record that was changed proves nothing, and the reader is told."""
    damage = "the ledger was changed after the run: plan.json"
    made = report(UNPROVEN, finding("a", INCONCLUSIVE), record=ledger(damage=damage))
    assert made.headline.endswith(damage)
    assert made.next_steps[0] == f"a: Run it again, for its record proves nothing: {damage}."


@pytest.mark.parametrize(
    "where,steps",
    [
        ({"environment": "local"}, ["Gate the deployment that goes live"]),
        ({"environment": "staging"}, ["Gate it longer", "Deploy, then prove production"]),
        ({"environment": "staging", "profile": "full"}, ["Deploy, then prove production"]),
        ({"environment": "production"}, ["Go live, and watch it"]),
        ({"left_out": {"tls": "none"}}, ["Prove elsewhere what this", "Gate the deployment"]),
    ],
)
def test_a_go_says_what_comes_next(where: Mapping[str, Any], steps: list[str]) -> None:
    """After a GO the next step depends on what was gated, how thoroughly and what it left out."""
    made = report(GO, finding("a", PASS), **where)
    assert len(made.next_steps) == len(steps)
    assert all(said.startswith(begin) for said, begin in zip(made.next_steps, steps, strict=True))


def test_the_report_carries_the_run_unchanged() -> None:
    """Plan, verdict, steps and duration are handed on as they were judged."""
    record = ledger(("a", Ending.COMPLETED))
    verdict = Verdict(GO, (), (finding("a", PASS),), (), ())
    made = compose(plan(), record, verdict)
    assert (made.plan, made.verdict) == (plan(), verdict)
    assert (made.steps, made.operations, made.seconds) == (record.steps, (), 12.5)
