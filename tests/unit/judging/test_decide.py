"""The verdict, on hand-written findings."""

from dataclasses import replace
from datetime import date

import pytest

from golive.judging.decide import decide as decide_with
from golive.model.checklist import Item, Waiver
from golive.model.finding import Finding
from golive.model.ledger import Ledger
from golive.model.logbook import Kind, Logbook, Record
from golive.model.outcome import Decision, Outcome, worst
from golive.model.plan import Plan
from golive.model.slo import Slo
from golive.model.verdict import Verdict

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
    steps=(),
    items=(),
    waivers=(),
    gaps=(),
)


def decide(findings: tuple[Finding, ...], plan: Plan, damage: str = "") -> Verdict:
    """The verdict of a run whose ledger holds nothing else of interest."""
    return decide_with(findings, plan, Ledger((), (), 1.0, damage))


def finding(name: str, outcome: Outcome) -> Finding:
    """A finding of which only id and outcome matter."""
    return Finding(name, "smoke", "s", outcome, "why", (), {}, "do", 0.0)


GOOD = finding("smoke.good", Outcome.PASS)
BAD = finding("smoke.bad", Outcome.FAIL)
OPEN = finding("smoke.open", Outcome.INCONCLUSIVE)


STEP = Item("s", "w", ("smoke.good",), id="l.1", section="smoke", signature="QA")
ASKED = replace(PLAN, items=(STEP,), commit="c0ffee")


def signed(commit: str = "c0ffee") -> Logbook:
    """A logbook in which the item is signed."""
    at = "2026-01-05T07:00:00+00:00"
    return Logbook((Record(Kind.SIGNED, "l.1", at, "A", commit, digest=STEP.digest),))


@pytest.mark.parametrize(
    "findings, book, decision",
    [
        ((GOOD,), signed(), Decision.GO),
        ((GOOD,), Logbook(), Decision.UNPROVEN),
        ((GOOD,), signed("another"), Decision.UNPROVEN),
        ((GOOD,), replace(signed(), damage="line 1 was altered"), Decision.NO_GO),
        ((replace(GOOD, outcome=Outcome.FAIL),), signed(), Decision.NO_GO),
        ((), signed(), Decision.UNPROVEN),
    ],
    ids=["signed", "not signed", "stale", "altered", "refuted", "not looked at"],
)
def test_signatures_decide_where_a_list_was_asked_for(findings, book, decision) -> None:
    """By this run's findings and the logbook as it was copied into its folder."""
    ledger = Ledger((), (), 1.0, logbooks={"l": book})

    assert decide_with(findings, ASKED, ledger).decision is decision


def waiver(name: str, expires: date) -> Waiver:
    """A waiver of which only id and expiry matter."""
    return Waiver(name, "known", "a person", "small", expires)


@pytest.mark.parametrize(
    "findings, decision",
    [
        ((GOOD,), Decision.GO),
        ((GOOD, BAD), Decision.NO_GO),
        ((GOOD, OPEN), Decision.UNPROVEN),
        ((OPEN, BAD, GOOD), Decision.NO_GO),
        ((), Decision.UNPROVEN),
    ],
)
def test_the_worst_finding_decides(findings: tuple[Finding, ...], decision: Decision) -> None:
    """NO_GO over UNPROVEN over GO; nothing at all is UNPROVEN."""
    assert decide(findings, PLAN).decision is decision


def test_a_gap_keeps_a_run_from_being_go() -> None:
    """A suite that was asked for and is empty leaves the run unproven, and says so."""
    verdict = decide((GOOD,), replace(PLAN, gaps=("the suite 'load' is empty",)))

    assert verdict.decision is Decision.UNPROVEN
    assert "the suite 'load' is empty" in verdict.reasons


@pytest.mark.parametrize("outcome", [Outcome.FAIL, Outcome.INCONCLUSIVE])
def test_a_waived_finding_counts_as_accepted(outcome: Outcome) -> None:
    """A waiver that holds on the day of the run accepts a finding and is shown on it."""
    plan = replace(PLAN, waivers=(waiver("smoke.bad", date(2026, 1, 5)),))

    verdict = decide((GOOD, finding("smoke.bad", outcome)), plan)

    assert verdict.decision is Decision.GO
    assert [one.waived for one in verdict.findings] == [False, True]


def test_an_expired_waiver_is_void() -> None:
    """The day after its last day a waiver changes nothing, and the verdict says that it expired."""
    plan = replace(PLAN, waivers=(waiver("smoke.bad", date(2026, 1, 4)),))

    verdict = decide((BAD,), plan)

    assert verdict.decision is Decision.NO_GO
    assert any("expired on 2026-01-04" in reason for reason in verdict.reasons)


def test_a_passed_finding_is_not_marked_as_waived() -> None:
    """A waiver that is no longer needed does not hide that the finding passed."""
    plan = replace(PLAN, waivers=(waiver("smoke.good", date(2027, 1, 1)),))

    assert not decide((GOOD,), plan).findings[0].waived


def test_a_finding_that_items_only_recommend_does_not_decide() -> None:
    """`should` items are shown; only what is required decides."""
    item = Item("s", "w", ("smoke.bad",), level="should", id="list.bad")

    verdict = decide((GOOD, BAD), replace(PLAN, items=(item,), optional=("smoke.bad",)))

    assert verdict.decision is Decision.GO
    assert verdict.items[0].outcome is Outcome.FAIL


def test_an_item_has_the_worst_outcome_of_its_findings() -> None:
    """An item is proven by all of its findings."""
    item = Item("s", "w", ("smoke.good", "smoke.open"), id="list.both")

    verdict = decide((GOOD, OPEN), replace(PLAN, items=(item,)))

    assert verdict.items[0].outcome is Outcome.INCONCLUSIVE


def test_a_waiver_does_not_cover_a_damaged_ledger() -> None:
    """Whoever removes the history removes the proof, also where every finding is waived."""
    plan = replace(PLAN, waivers=(waiver("smoke.bad", date(2027, 1, 1)),))

    verdict = decide((GOOD, BAD), plan, damage="the ledger was changed")

    assert verdict.decision is Decision.UNPROVEN
    assert "the ledger was changed" in verdict.reasons


def test_a_run_of_recommendations_alone_is_unproven_and_says_so() -> None:
    """Where nothing that is required was judged, nothing that is required was proven."""
    verdict = decide((GOOD,), replace(PLAN, optional=("smoke.good",)))

    assert verdict.decision is Decision.UNPROVEN
    assert verdict.reasons == ("no statement that is required was judged",)


def test_nothing_at_all_is_inconclusive() -> None:
    """The neutral element of `worst` is not PASS."""
    assert worst([]) is Outcome.INCONCLUSIVE
