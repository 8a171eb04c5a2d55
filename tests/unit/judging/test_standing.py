"""How a checklist stands, on hand-written logbooks."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from golive.judging.standing import judge_list, standings
from golive.model.checklist import Item, Waiver
from golive.model.logbook import Circumstances, Kind, Logbook, Record
from golive.model.outcome import Decision, Outcome
from golive.model.standing import ListStatus, Standing

NOON = datetime(2026, 1, 5, 12, tzinfo=UTC)
NOW = Circumstances(NOON, "c0ffee", 3600.0)

LOOK = Item("It answers", "w", ("smoke.health",), id="l.look", section="pre_deployment")
DEPLOY = Item(
    "It is deployed",
    "w",
    command=("deploy", "{version}"),
    id="l.deploy",
    section="deployment",
    depends_on=("pre_deployment",),
)
AFTER = Item(
    "It still answers",
    "w",
    ("smoke.health",),
    id="l.after",
    section="smoke",
    depends_on=("deploy",),
)
SIGN = Item("It is meant", "w", signature="QA", id="l.sign", depends_on=("look",))


def record(kind: Kind, subject: str, item: Item | None = None, **more: object) -> Record:
    """A record that counts, half an hour old."""
    fields = {
        "at": (NOON - timedelta(minutes=30)).isoformat(),
        "by": "A. Person",
        "commit": "c0ffee",
        "digest": item.digest if item else "",
        **more,
    }
    return Record(kind, subject, **fields)


SEEN = record(Kind.FINDING, "smoke.health", run="r", note="200")
SIGNED = record(Kind.SIGNED, SIGN.id, SIGN, role="QA", note="seen")


def minutes_ago(minutes: float) -> str:
    """A time of a record."""
    return (NOON - timedelta(minutes=minutes)).isoformat()


def stand(item: Item, *records: Record, among: tuple[Item, ...] = (), waivers=()) -> Standing:
    """How one item stands among others."""
    items = among or (item,)
    found = standings(items, records, waivers, NOW)
    return next(one for one in found if one.item is item)


def decided(items: tuple[Item, ...], *records: Record, waivers=(), damage: str = "") -> ListStatus:
    """The verdict of a list."""
    return judge_list("l", "t", items, Logbook(records, damage), waivers, NOW)


def waiver(name: str, expires: date) -> Waiver:
    """A waiver of which only id and end matter."""
    return Waiver(name, "known", "a person", "small", expires)


def test_an_item_is_proven_by_all_that_it_rests_on() -> None:
    """Finding, command and signature are each needed; the two others alone are not enough."""
    item = replace(SIGN, findings=("smoke.health",), command=("true",), depends_on=())
    parts = (
        SEEN,
        record(Kind.ENDED, item.id, item, note="ended with 0"),
        record(Kind.SIGNED, item.id, item),
    )

    assert stand(item, *parts).outcome is Outcome.PASS
    for left_out in parts:
        rest = [part for part in parts if part is not left_out]
        assert stand(item, *rest).outcome is Outcome.INCONCLUSIVE


def test_nothing_proves_nothing() -> None:
    """An item that rests on nothing, and a list without items, are unproven."""
    assert decided((Item("s", "w", id="l.empty", section="smoke"),)).decision is Decision.UNPROVEN
    assert decided(()).decision is Decision.UNPROVEN


@pytest.mark.parametrize(
    "stale",
    [
        {"commit": "another"},
        {"at": minutes_ago(61)},
        {"at": minutes_ago(-5)},
        {"digest": "another wording"},
    ],
    ids=["other commit", "too old", "of the future", "other words"],
)
def test_stale_evidence_proves_nothing(stale: dict[str, str]) -> None:
    """Another commit, too much age, a future day or other words were not what was signed."""
    item = replace(SIGN, depends_on=())

    fresh = record(Kind.SIGNED, item.id, item)
    assert stand(item, fresh).outcome is Outcome.PASS
    assert stand(item, replace(fresh, **stale)).outcome is Outcome.INCONCLUSIVE


def test_what_was_seen_before_a_deployment_says_nothing_of_it() -> None:
    """A finding older than the command that an item depends on has to be gathered again."""
    items = (LOOK, DEPLOY, AFTER)
    ended = record(Kind.ENDED, DEPLOY.id, DEPLOY, at=minutes_ago(20))

    before = stand(AFTER, SEEN, ended, among=items)
    after = stand(AFTER, SEEN, ended, replace(SEEN, at=minutes_ago(10)), among=items)

    assert (before.outcome, before.to_gather) == (Outcome.INCONCLUSIVE, ("smoke.health",))
    assert after.outcome is Outcome.PASS


def test_what_is_not_proven_holds_up_what_depends_on_it() -> None:
    """A section stands for what is required of it; recommended items hold nothing up."""
    should = replace(LOOK, level="should")

    assert stand(DEPLOY, among=(LOOK, DEPLOY)).waits_for == ("l.look",)
    assert stand(DEPLOY, SEEN, among=(LOOK, DEPLOY)).waits_for == ()
    assert stand(DEPLOY, among=(should, DEPLOY)).waits_for == ()


def test_a_signature_is_next_when_the_rest_is_proven() -> None:
    """Nobody is asked to sign for what findings refute, and the role is named when it is due."""
    item = replace(SIGN, findings=("smoke.health",), depends_on=())
    bad = replace(SEEN, outcome=Outcome.FAIL)

    assert not stand(item, bad).to_sign
    assert stand(item, SEEN).to_sign
    assert [role for role, _ in decided((item,), SEEN).signers] == ["QA"]


def test_a_command_that_ended_is_not_to_be_run_again() -> None:
    """Neither after a success nor after a failure, unless somebody asks for it."""
    failed = record(Kind.ENDED, DEPLOY.id, DEPLOY, outcome=Outcome.FAIL, note="ended with 1")
    again = record(Kind.AGAIN, DEPLOY.id, DEPLOY)

    assert (stand(DEPLOY, failed).outcome, stand(DEPLOY, failed).to_run) == (Outcome.FAIL, False)
    assert stand(DEPLOY, failed, again).to_run


def test_what_is_done_once_does_not_wear_off() -> None:
    """A deploy of last month, of another commit, is done; for another version it is not."""
    once = replace(DEPLOY, once=True)
    old = record(Kind.ENDED, once.id, once, at=minutes_ago(90 * 24 * 60), commit="other")

    def standing(version: str, *records: Record) -> Standing:
        now = replace(NOW, version=version)
        (found,) = standings((replace(once, depends_on=()),), records, (), now)
        return found

    old = replace(old, version="v1", digest=replace(once, depends_on=()).digest)
    assert (standing("", old).outcome, standing("", old).to_run) == (Outcome.PASS, False)
    assert standing("v1", old).outcome is Outcome.PASS
    assert standing("v2", old).to_run
    assert standing("v1", old, record(Kind.AGAIN, once.id, digest=old.digest)).to_run
    assert standing("", replace(old, version="")).to_run
    assert not standing("", replace(old, version="", commit=NOW.commit)).to_run


ROLLOUT = Item(
    *("It is deployed", "w"),
    command=("golive", "deploy", "{target}", "--version", "{version}"),
    once=True,
    id="l.rollout",
    section="deployment",
)
DAY = Item(
    "The first day was watched",
    "w",
    command=("golive", "monitor", "{target}"),
    once=True,
    id="l.day",
    section="monitoring",
    depends_on=("rollout",),
)
DEPLOYED = record(Kind.ENDED, ROLLOUT.id, ROLLOUT)
WATCHED = record(Kind.ENDED, DAY.id, DAY, at=minutes_ago(20))


@pytest.mark.parametrize("minutes, outcome", [(31, Outcome.PASS), (29, Outcome.INCONCLUSIVE)])
def test_a_deploy_that_was_undone_since_counts_no_longer(minutes: float, outcome: Outcome) -> None:
    """Nor is it done again by itself: whoever rolled back had a reason. What it changed itself,
    and what was before it, does no harm.
    """
    now = replace(NOW, deployed=minutes_ago(minutes))
    found = standings((ROLLOUT,), (DEPLOYED,), (), now)[0]

    assert (found.outcome, found.to_run) == (outcome, False)
    if outcome is not Outcome.PASS:
        assert "at 2026-01-05 11:31:00 UTC" in found.lacks[0]
        assert found.lacks[0].endswith("golive checklist run --again l.rollout")


def test_only_a_deploy_is_undone_by_another_one() -> None:
    """What golive has deployed since says nothing of other commands."""
    other = replace(ROLLOUT, command=("golive", "backup", "{target}"))
    ended = replace(DEPLOYED, digest=other.digest)

    assert standings((other,), (ended,), (), replace(NOW, deployed=minutes_ago(0)))[0].settled


def test_after_another_deploy_its_first_day_is_watched_anew() -> None:
    """The day that was watched was one of what had been deployed before."""
    items = (ROLLOUT, DAY)
    again = replace(DEPLOYED, at=minutes_ago(10))

    assert stand(DAY, DEPLOYED, WATCHED, among=items).outcome is Outcome.PASS
    anew = stand(DAY, DEPLOYED, WATCHED, again, among=items)
    assert (anew.outcome, anew.to_run) == (Outcome.INCONCLUSIVE, True)


def test_what_is_known_of_a_version_says_nothing_of_another() -> None:
    """Findings, signatures and commands alike; who does not say a version means the last one."""
    of_v1 = tuple(replace(one, version="v1") for one in (SEEN, SIGNED))
    begun = replace(record(Kind.AGAIN, "l.other"), version="v2")

    def decision(version: str, *records: Record) -> Decision:
        book = Logbook(records)
        now = replace(NOW, version=version)
        return judge_list("l", "t", (LOOK, SIGN), book, [], now).decision

    assert decision("v1", *of_v1) is Decision.GO
    assert decision("", *of_v1) is Decision.GO
    assert decision("v2", *of_v1) is Decision.UNPROVEN
    assert decision("", *of_v1, begun) is Decision.UNPROVEN
    assert decision("v1", *of_v1, begun) is Decision.GO


def test_a_command_whose_end_nobody_knows_proves_nothing() -> None:
    """It is neither proven nor run once more, and the standing says where its traces lie."""
    started = record(Kind.STARTED, DEPLOY.id, DEPLOY, evidence=("folder",))
    standing = stand(DEPLOY, started)

    assert (standing.outcome, standing.to_run) == (Outcome.INCONCLUSIVE, False)
    assert standing.unended == "folder"


@pytest.mark.parametrize(
    "records, decision",
    [
        ((SEEN, SIGNED), Decision.GO),
        ((SEEN,), Decision.UNPROVEN),
        ((replace(SEEN, outcome=Outcome.FAIL), SIGNED), Decision.NO_GO),
    ],
)
def test_the_worst_required_item_decides(records, decision: Decision) -> None:
    """GO needs every required item."""
    assert decided((LOOK, SIGN), *records).decision is decision


def test_a_recommended_item_does_not_decide() -> None:
    """It is shown, and the list is GO without it."""
    assert decided((LOOK, replace(SIGN, level="should")), SEEN).decision is Decision.GO


def test_an_altered_logbook_is_no_go() -> None:
    """Whatever it says, and the line is named."""
    status = decided((LOOK, SIGN), SEEN, SIGNED, damage="line 1 was altered")

    assert status.decision is Decision.NO_GO
    assert status.reasons[0] == "line 1 was altered"


@pytest.mark.parametrize("name", ["l.sign", "smoke.health"])
def test_a_waiver_holds_until_its_day_is_over(name: str) -> None:
    """On the last day the item counts as accepted; a day later it is void, and the list NO_GO."""
    items = (LOOK, replace(SIGN, findings=("smoke.health",), signature="", command=()))
    items = items if name == "smoke.health" else (LOOK, SIGN)
    known = () if name == "smoke.health" else (SEEN,)

    held = decided(items, *known, waivers=[waiver(name, NOON.date())])
    void = decided(items, *known, waivers=[waiver(name, NOON.date() - timedelta(days=1))])

    assert (held.decision, void.decision) == (Decision.GO, Decision.NO_GO)
    assert any(one.accepted for one in held.standings)
    assert any("expired on 2026-01-04 and is void" in reason for reason in void.reasons)


def test_a_void_waiver_of_what_is_proven_does_no_harm() -> None:
    """A clean list is never red."""
    old = waiver("l.sign", NOON.date() - timedelta(days=1))

    assert decided((LOOK, SIGN), SEEN, SIGNED, waivers=[old]).decision is Decision.GO
