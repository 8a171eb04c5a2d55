"""The checks of the contract suite on hand-written evidence."""

from collections.abc import Callable
from typing import Any

import pytest

from golive.catalog.catalog import Catalog
from golive.model.finding import Ruling
from golive.model.outcome import Outcome
from golive.model.slo import Slo

PASS, FAIL, INCONCLUSIVE = Outcome

EXPLORED = {"cases": 500, "operations": 9, "checked": 400, "broken": (), "problem": ""}
BROKEN = (("a_check", "POST /a", "fuzzing", "Server error", "curl -X POST http://x/a", 3),)
TRIED = {
    "case": "no signature",
    "expected": (400, 401),
    "may_close": False,
    "statuses": (401,),
    "ending": "answered",
    "milliseconds": 3.0,
    "limit_ms": 10_000.0,
    "happened": "",
    "sent": "curl -X POST http://x/hook",
}
BESIDE = {
    "slow": 40,
    "idle": 1_000,
    "alone_ms": 2.0,
    "beside_ms": 3.0,
    "slowest_ms": 9.0,
    "refused": 0,
}
BECAME = {
    "case": "iban: a wrong checksum",
    "may_be_made": False,
    "debtors": 1,
    "upload_status": "completed",
    "waiting": False,
    "row": "DE00,x,1",
}
ASKED = {"call": "GET /a/{id}", "owner": 200, "other": 404, "told": False, "curl": "curl http://x"}
TOOK = {
    "what": "a million rows",
    "size_bytes": 31_000_000,
    "status": 202,
    "said": '{"id": "1"}',
    "ending": "answered",
    "became": "completed",
    "waiting": False,
    "done": True,
    "created": 1,
    "expected": 1,
    "seconds": 9.0,
    "samples": 20,
    "largest": "worker",
    "largest_bytes": 90_000_000,
    "limit_bytes": 300_000_000,
    "refused": 0,
    "left": (),
}
REPLAYED = {
    "case": "another amount",
    "status": 409,
    "state_before": "chargebacked",
    "state_after": "chargebacked",
    "same_event": True,
    "effects": 1,
    "sent": "curl -X POST http://x/hook",
}
RETURNED = {
    "case": "markup",
    "status": 200,
    "disposition": 'attachment; filename="a.csv"',
    "media_type": "text/csv",
    "sniffing": "nosniff",
    "injected": False,
    "kept": True,
    "harmless": False,
}
TWICE = {"status": 202, "upload_status": "completed", "waiting": False, "debtors": 20}
GONE = {"callers": 5, "sent_bytes": 400_000, "answered": 0, "refused": 0, "left": ()}
REFUSED = {"status": 413, "became": "", "done": False, "created": None}

EXPLORING = (
    *("server_errors", "statuses", "schemas", "methods", "rejections", "authentication"),
    "thorough",
)
TRYING = (
    *("hostile_signatures", "hostile_notifications", "hostile_http", "hostile_tokens"),
    *("hostile_downloads", "hostile_books", "hostile_files", "hostile_forms", "hostile_endless"),
)
WEIGHING = ("hostile_footprint", "hostile_million", "hostile_trickle", "hostile_bomb")

HEALTHY: dict[str, dict[str, Any]] = {
    **dict.fromkeys(EXPLORING, EXPLORED),
    **dict.fromkeys(TRYING, TRIED),
    "stateful": {**EXPLORED, "followed": (("POST /a -> GET /a/{id}", 4),)},
    "media_types": {"call": "POST /a", "status": 415, "curl": "curl -X POST http://x/a"},
    "compatibility": {"baseline": "old.json", "breaking": ()},
    **dict.fromkeys(WEIGHING, TOOK),
    "hostile_replay": REPLAYED,
    "hostile_returned": RETURNED,
    "hostile_twice": TWICE,
    "hostile_gone": GONE,
    "hostile_slow": BESIDE,
    "hostile_rows": {**BECAME, "may_be_made": True},
    "hostile_account": ASKED,
    "hostile_timing": {"pairs": 9_000, "median_us": 4.0, "error_us": 3.0},
}

Judge = Callable[..., Ruling]


@pytest.fixture(scope="module")
def judge() -> Judge:
    """Gives a scenario's check the healthy evidence with a change."""
    scenarios = Catalog.of().scenarios

    def rule(name: str, change: dict[str, Any]) -> Ruling:
        scenario = scenarios[f"contract.{name}"]
        return scenario.check([scenario.evidence(**{**HEALTHY[name], **change})], Slo())

    return rule


def test_every_scenario_of_the_suite_is_judged_here() -> None:
    """None is without hand-written evidence."""
    suite = {
        name.partition(".")[2] for name in Catalog.of().scenarios if name.startswith("contract.")
    }

    assert suite == set(HEALTHY)


def test_there_are_more_than_enough_hostile_cases() -> None:
    """At least 120 that differ from each other, in each group some."""
    tables: dict[str, set[str]] = {}
    for name, scenario in Catalog.of().scenarios.items():
        if name.startswith("contract.hostile_"):
            module = scenario.drive.__globals__
            rows = (one for value in module.values() if isinstance(value, tuple) for one in value)
            tables[name] = {one.name for one in rows if hasattr(one, "name")}

    groups = {"signatures": 10, "notifications": 20, "files": 20, "books": 20, "forms": 20}
    groups |= {"http": 10, "tokens": 10, "downloads": 5, "rows": 20}
    assert {
        group for group, least in groups.items() if len(tables[f"contract.hostile_{group}"]) < least
    } == set()
    assert sum(map(len, tables.values())) >= 120


@pytest.mark.parametrize("name", HEALTHY)
def test_what_a_healthy_target_shows_is_pass(judge: Judge, name: str) -> None:
    """The unchanged evidence proves the statement, so each red below is due to its one change."""
    assert judge(name, {}).outcome is PASS


@pytest.mark.parametrize("name", [*EXPLORING, "stateful"])
def test_a_broken_promise_fails_with_its_shell_line(judge: Judge, name: str) -> None:
    """The call, what it did, and how to see it again."""
    ruling = judge(name, {"broken": BROKEN})

    assert ruling.outcome is FAIL
    assert "POST /a: Server error" in ruling.summary
    assert "curl -X POST http://x/a" in ruling.witness


@pytest.mark.parametrize("name", [*EXPLORING, "stateful"])
@pytest.mark.parametrize(
    "change",
    [{"problem": "it ended early"}, {"checked": 0, "followed": ()}],
    ids=["ended", "blind"],
)
def test_an_exploration_that_saw_nothing_proves_nothing(
    judge: Judge, name: str, change: dict[str, Any]
) -> None:
    """Neither one that ended early, nor one without a single look."""
    if name != "stateful":
        change = {key: value for key, value in change.items() if key != "followed"}

    assert judge(name, change).outcome is INCONCLUSIVE


@pytest.mark.parametrize("name", TRYING)
@pytest.mark.parametrize(
    "change, said",
    [
        ({"statuses": (200,)}, "answered 200, not 400 or 401"),
        ({"statuses": (500,)}, "answered 500"),
        ({"statuses": (), "ending": "silent"}, "no answer within 10 s"),
        ({"statuses": (), "ending": "closed"}, "the connection was closed"),
        ({"happened": "it had its effect 1x"}, "it had its effect"),
    ],
)
def test_a_hostile_case_that_got_through_fails(
    judge: Judge, name: str, change: dict[str, Any], said: str
) -> None:
    """By its answer, by its silence, or by what happened; with what was sent."""
    ruling = judge(name, change)

    assert ruling.outcome is FAIL
    assert ruling.summary.startswith("no signature: ")
    assert said in ruling.summary
    assert "curl -X POST http://x/hook" in ruling.witness


def test_a_close_is_a_refusal_where_it_may_be(judge: Judge) -> None:
    """Some requests deserve no answer."""
    change = {"statuses": (), "ending": "closed", "may_close": True}

    assert judge("hostile_http", change).outcome is PASS


@pytest.mark.parametrize(
    "name, change, outcome, said",
    [
        ("stateful", {"followed": ()}, INCONCLUSIVE, "no link"),
        ("media_types", {"status": 400}, FAIL, "POST /a answered 400"),
        ("media_types", {"status": 401}, INCONCLUSIVE, "no call"),
        ("compatibility", {"breaking": ("GET /a is gone",)}, FAIL, "GET /a is gone"),
        ("hostile_slow", {"beside_ms": 900.0}, FAIL, "takes 900 ms beside 40 slow senders"),
        ("hostile_slow", {"refused": 3}, FAIL, "3 of 30 health checks were refused"),
        ("hostile_slow", {"idle": 250}, INCONCLUSIVE, "only 250 of 1000"),
        ("hostile_slow", {"beside_ms": 9000.0, "alone_ms": 900.0}, INCONCLUSIVE, "too slow"),
        ("hostile_rows", {"may_be_made": False}, FAIL, "iban: a wrong checksum: DE00,x,1"),
        ("hostile_rows", {}, PASS, "where they may"),
        ("hostile_rows", {"debtors": 0}, INCONCLUSIVE, "the honest row became 0"),
        ("hostile_rows", {"wrong_amount": True}, INCONCLUSIVE, "nothing was tried"),
        ("hostile_rows", {"waiting": True}, FAIL, "is still"),
        ("hostile_rows", {"upload_status": ""}, INCONCLUSIVE, "not accepted"),
        ("hostile_account", {"owner": 404}, INCONCLUSIVE, "its own account is answered 404"),
        ("hostile_account", {"other": 200}, FAIL, "another account is answered 200"),
        ("hostile_account", {"told": True, "call": "GET /a"}, FAIL, "told of the upload"),
        ("hostile_replay", {"state_after": "approved"}, FAIL, "made approved of chargebacked"),
        ("hostile_replay", {"effects": 2}, FAIL, "had a second effect"),
        ("hostile_replay", {"effects": 2, "same_event": False}, PASS, "undid nothing"),
        ("hostile_replay", {"status": 500}, FAIL, "was answered 500"),
        ("hostile_replay", {"state_before": None}, INCONCLUSIVE, "no effect to be undone"),
        ("hostile_returned", {"disposition": "inline"}, FAIL, "comes back to be shown"),
        ("hostile_returned", {"sniffing": ""}, FAIL, "without X-Content-Type-Options"),
        ("hostile_returned", {"media_type": "text/html"}, FAIL, "comes back as text/html"),
        ("hostile_returned", {"injected": True}, FAIL, "writes a header of its own"),
        ("hostile_returned", {"kept": False}, FAIL, "comes back as another file"),
        ("hostile_returned", {"kept": False, "harmless": True}, PASS, "as attachments"),
        ("hostile_returned", {"status": 404}, FAIL, "is answered 404"),
        ("hostile_twice", {"debtors": 40}, FAIL, "people would be debited twice"),
        ("hostile_twice", {"debtors": 19}, FAIL, "1 are missing"),
        ("hostile_twice", {"debtors": 0}, INCONCLUSIVE, "nothing was tried"),
        ("hostile_twice", {"status": 500}, FAIL, "were answered 500"),
        ("hostile_twice", {"waiting": True, "upload_status": "pending"}, FAIL, "still 'pending'"),
        ("hostile_gone", {"left": ("/tmp/a",)}, FAIL, "1 temporary files stay, such as /tmp/a"),
        ("hostile_gone", {"refused": 1}, FAIL, "1 health checks were refused"),
        ("hostile_gone", {"answered": 5}, INCONCLUSIVE, "were answered before they left"),
        ("hostile_gone", {"sent_bytes": 0}, INCONCLUSIVE, "before they left"),
        ("hostile_timing", {"median_us": 400.0}, FAIL, "400 µs later"),
        ("hostile_timing", {"others": 7}, INCONCLUSIVE, "7 tries were not refused"),
        ("hostile_timing", {"error_us": 90.0}, INCONCLUSIVE, "too noisy"),
    ],
)
def test_each_other_check(
    judge: Judge, name: str, change: dict[str, Any], outcome: Outcome, said: str
) -> None:
    """One change of the evidence, one ruling that says why."""
    ruling = judge(name, change)

    assert ruling.outcome is outcome
    assert said in ruling.summary


@pytest.mark.parametrize("name", WEIGHING)
@pytest.mark.parametrize(
    "change, outcome, said",
    [
        (REFUSED, PASS, "refused with 413"),
        ({"became": "failed", "done": False, "created": None}, PASS, "failed"),
        ({**REFUSED, "said": ""}, FAIL, "without a word"),
        ({**REFUSED, "status": 500}, FAIL, "answered 500"),
        ({**REFUSED, "status": None, "ending": "closed"}, FAIL, "the connection was closed"),
        ({"became": "pending", "waiting": True, "done": False}, FAIL, "still 'pending'"),
        ({"created": 0}, FAIL, "0 debtors were made of it, not 1"),
        ({"largest_bytes": 301_000_000}, FAIL, "worker took 301 MB, more than 300"),
        ({"refused": 2}, FAIL, "2 health checks were refused meanwhile"),
        ({"left": ("/tmp/a",)}, FAIL, "left 1 temporary files, such as /tmp/a"),
        ({"samples": 0, "largest": "", "largest_bytes": 0}, INCONCLUSIVE, "not to be seen"),
    ],
)
def test_what_a_large_file_may_cost(
    judge: Judge, name: str, change: dict[str, Any], outcome: Outcome, said: str
) -> None:
    """It comes to its end, or is refused in words; memory has a limit, and nothing is left."""
    ruling = judge(name, change)

    assert ruling.outcome is outcome
    assert said in ruling.summary
