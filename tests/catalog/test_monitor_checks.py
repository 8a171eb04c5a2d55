"""The checks of a watch on hand-written evidence: each is red for what it is there to find."""

from collections.abc import Sequence
from typing import Any

import pytest

from golive.catalog.catalog import Catalog
from golive.model.finding import Grade, Ruling
from golive.model.outcome import Outcome
from golive.model.slo import Slo

PASS, FAIL, INCONCLUSIVE = Outcome
SCENARIOS = {name: one for name, one in Catalog.of().scenarios.items() if one.suite == "monitor"}
BOUNDS = (0.05, 0.1, 0.2, 0.5)

Evidence = dict[str, Any]


def ruled(name: str, *seen: Evidence) -> Ruling:
    """What a check says of this evidence, oldest first."""
    one = SCENARIOS[f"monitor.{name}"]
    return one.check([one.evidence(**facts) for facts in seen], Slo())


def look(at: float, place: str = "api-1", **facts: Any) -> Evidence:
    """Evidence of some figures."""
    values = tuple((name, value) for name, value in facts.items() if name not in {"born", "error"})
    known = {"born": facts.get("born", 1.0), "error": facts.get("error", "")}
    return {"at_seconds": at, "place": place, "clock_seconds": at, "values": values, **known}


def spread(at: float, counts: Sequence[float], place: str = "api-1", born: float = 1.0) -> Evidence:
    """Evidence of a histogram."""
    bounds = BOUNDS if counts else ()
    return {"at_seconds": at, "place": place, "born": born, "bounds": bounds, "counts": (*counts,)}


def probed(at: float, *wrong: str) -> Evidence:
    """Evidence of probes half a minute apart, the last one at the look."""
    moments = [at - 30.0 * (len(wrong) - place) for place in range(1, len(wrong) + 1)]
    rows = tuple(
        (moment, moment + 0.01, 3.0, word) for moment, word in zip(moments, wrong, strict=True)
    )
    return {
        "at_seconds": at,
        "place": "probes",
        "probes": rows,
        "blind_seconds": 900.0,
        "maintenance": (),
    }


UP = ("",) * 30
TAIL = {"begun": "1:2", "lines": 9, "server_errors": 0, "errors": 0, "example": "", "error": ""}
NONE, FAST, SLOW = (0, 0, 0, 0, 0), (96, 100, 100, 100, 100), (90, 90, 100, 100, 100)


def log(**facts: Any) -> Evidence:
    """Evidence of a log."""
    return {"at_seconds": 900.0, "place": "api.log", **TAIL, **facts}


def forged(status: int, milliseconds: float) -> Evidence:
    """Evidence of a forged notification."""
    return {"at_seconds": 1.0, "place": "b", "status": status, "milliseconds": milliseconds}


def queued(at: float, accepted: float, done: float, failed: float, still: float) -> Evidence:
    """Evidence of a node and of the queue behind it."""
    return look(at, accepted=accepted, done=done, failed=failed, open=still)


CASES: list[tuple[str, Outcome, list[Evidence]]] = [
    ("availability", PASS, [probed(900, *UP)]),
    ("availability", FAIL, [probed(900, *UP, "refused", "refused")]),
    ("availability", FAIL, [probed(900, *UP, "refused", "", "")]),
    ("availability", INCONCLUSIVE, [probed(900)]),
    # It began between the last probe before the look and the first one after it.
    ("availability", FAIL, [probed(900, *UP), probed(990, "refused", "", "")]),
    # An outage that was known at the look before is no other one.
    ("availability", PASS, [probed(900, *UP, "refused", "refused"), probed(960, "", "")]),
    ("budget", PASS, [probed(900, *UP)]),
    ("budget", FAIL, [probed(900, *UP[2:], "refused", "refused")]),
    ("budget", INCONCLUSIVE, [probed(9000)]),
    ("nodes", PASS, [{**forged(200, 1), "error": ""}]),
    ("nodes", FAIL, [{**forged(0, 0), "error": "refused"}]),
    ("nodes", FAIL, [{**forged(503, 1), "error": ""}]),
    ("errors", PASS, [look(0, answers=10, errors=2), look(900, answers=30, errors=2)]),
    ("errors", FAIL, [look(0, answers=10, errors=2), look(900, answers=30, errors=3)]),
    ("errors", INCONCLUSIVE, [look(0, answers=10, errors=0)]),
    ("errors", INCONCLUSIVE, [look(0, answers=10, errors=0), look(9, answers=10, errors=0)]),
    # A node that was started again with one error: four were lost with the old process.
    ("errors", FAIL, [look(0, answers=99, errors=4), look(9, answers=3, errors=1, born=2.0)]),
    ("errors", INCONCLUSIVE, [look(0, answers=1, errors=0), look(9, error="refused")]),
    ("error_logs", PASS, [log()]),
    ("error_logs", FAIL, [log(server_errors=1, example="GET / 500")]),
    ("error_logs", INCONCLUSIVE, [log(error="Permission denied")]),
    ("webhook_latency", PASS, [spread(0, NONE), spread(900, FAST)]),
    ("webhook_latency", FAIL, [spread(0, NONE), spread(900, SLOW)]),
    # p95 is well, p99 is over 200 ms.
    ("webhook_latency", FAIL, [spread(0, NONE), spread(900, (97, 97, 97, 100, 100))]),
    ("webhook_latency", INCONCLUSIVE, [spread(900, FAST)]),
    ("webhook_latency", INCONCLUSIVE, [spread(0, FAST), spread(900, FAST)]),
    # A series is there from its first answer on.
    ("webhook_latency", PASS, [spread(0, ()), spread(900, FAST)]),
    # What was slow before the last look was said then.
    ("webhook_latency", PASS, [spread(0, SLOW), spread(900, (186, 190, 200, 200, 200))]),
    ("api_latency", PASS, [spread(0, NONE), spread(900, SLOW)]),
    ("api_latency", FAIL, [spread(0, NONE), spread(900, (0, 0, 0, 90, 100))]),
    ("webhook_probe", PASS, [forged(401, 3.0)]),
    ("webhook_probe", FAIL, [forged(200, 3.0)]),
    ("webhook_probe", FAIL, [forged(401, 300.0)]),
    ("queue_depth", PASS, [{"at_seconds": 1.0, "place": "w", "waiting": 100, "scheduled": 0}]),
    ("queue_depth", FAIL, [{"at_seconds": 1.0, "place": "w", "waiting": 101, "scheduled": 0}]),
    ("queue_age", PASS, [look(1, oldest_seconds=30)]),
    ("queue_age", FAIL, [look(1, oldest_seconds=31)]),
    ("queue_age", INCONCLUSIVE, [look(1)]),
    ("failed_jobs", PASS, [look(0, done=0, failed=5), look(900, done=1000, failed=5)]),
    ("failed_jobs", FAIL, [look(0, done=0, failed=5), look(900, done=98, failed=6)]),
    # Failed jobs that were retried meanwhile are no new ones.
    ("failed_jobs", PASS, [look(0, done=0, failed=5), look(900, done=9, failed=1)]),
    ("failed_jobs", INCONCLUSIVE, [look(0, done=7, failed=5), look(900, done=7, failed=5)]),
    ("failed_jobs", INCONCLUSIVE, [look(0), look(900)]),
    ("losses", PASS, [queued(0, 10, 5, 0, 5), queued(900, 110, 95, 3, 12)]),
    ("losses", FAIL, [queued(0, 10, 5, 0, 5), queued(900, 110, 65, 3, 12)]),
    # A few came while the figures were read.
    ("losses", PASS, [queued(0, 10, 5, 0, 5), queued(900, 110, 91, 3, 12)]),
    ("losses", INCONCLUSIVE, [queued(0, 10, 5, 0, 5), queued(900, 10, 10, 0, 0)]),
    ("losses", INCONCLUSIVE, [queued(900, 10, 5, 0, 5)]),
    ("losses", INCONCLUSIVE, [queued(0, 10, 5, 0, 5), look(900, error="refused")]),
    # A node that was started anew counts from nothing: no loss is claimed of it.
    ("losses", PASS, [queued(0, 99, 5, 0, 5), {**queued(900, 10, 105, 0, 0), "born": 2.0}]),
    ("cpu", PASS, [look(0, busy_seconds=10), look(100, busy_seconds=99)]),
    ("cpu", FAIL, [look(0, busy_seconds=10), look(100, busy_seconds=101)]),
    ("losses", PASS, [queued(0, 10, 5, 0, 5), queued(900, 110, 95, 3, 12)]),
    ("losses", FAIL, [queued(0, 10, 5, 0, 5), queued(900, 110, 65, 3, 12)]),
    # A few came while the figures were read.
    ("losses", PASS, [queued(0, 10, 5, 0, 5), queued(900, 110, 91, 3, 12)]),
    ("losses", INCONCLUSIVE, [queued(0, 10, 5, 0, 5), queued(900, 10, 10, 0, 0)]),
    ("losses", INCONCLUSIVE, [queued(900, 10, 5, 0, 5)]),
    ("losses", INCONCLUSIVE, [queued(0, 10, 5, 0, 5), look(900, error="refused")]),
    # A node that was started anew counts from nothing: no loss is claimed of it.
    ("losses", PASS, [queued(0, 99, 5, 0, 5), {**queued(900, 10, 105, 0, 0), "born": 2.0}]),
    ("cpu", PASS, [look(0, busy_seconds=0, cores=4), look(100, busy_seconds=300, cores=4)]),
    ("losses", PASS, [queued(0, 10, 5, 0, 5), queued(900, 110, 95, 3, 12)]),
    ("losses", FAIL, [queued(0, 10, 5, 0, 5), queued(900, 110, 65, 3, 12)]),
    # A few came while the figures were read.
    ("losses", PASS, [queued(0, 10, 5, 0, 5), queued(900, 110, 91, 3, 12)]),
    ("losses", INCONCLUSIVE, [queued(0, 10, 5, 0, 5), queued(900, 10, 10, 0, 0)]),
    ("losses", INCONCLUSIVE, [queued(900, 10, 5, 0, 5)]),
    ("losses", INCONCLUSIVE, [queued(0, 10, 5, 0, 5), look(900, error="refused")]),
    # A node that was started anew counts from nothing: no loss is claimed of it.
    ("losses", PASS, [queued(0, 99, 5, 0, 5), {**queued(900, 10, 105, 0, 0), "born": 2.0}]),
    ("cpu", PASS, [look(0, busy_seconds=1000), look(100, busy_seconds=9, born=2.0)]),
    ("cpu", INCONCLUSIVE, [look(0), look(100)]),
    ("memory", PASS, [look(0, resident_bytes=1e8), look(3600, resident_bytes=2e8)]),
    ("memory", FAIL, [look(0, resident_bytes=1e8), look(3600, resident_bytes=4e8)]),
    # Started again, it has nothing to do with what it was before.
    ("memory", PASS, [look(0, resident_bytes=1), look(9, resident_bytes=4e8, born=2.0)]),
    ("memory", FAIL, [look(0, "m", free_ratio=0.05)]),
    ("memory", INCONCLUSIVE, [look(0)]),
    ("disk", PASS, [look(0, "/", free_ratio=0.1)]),
    ("disk", FAIL, [look(0, "/", free_ratio=0.09)]),
    ("disk", INCONCLUSIVE, [look(0, "/", error="refused")]),
]


def validity(days: float, place: str = "a:443", error: str = "") -> Evidence:
    """Evidence of a certificate."""
    return {
        "at_seconds": 1.0,
        "place": place,
        "days_left": days,
        "subject": "CN=a",
        "error": error,
    }


CASES += [
    ("certificate", PASS, [validity(14.1), validity(90)]),
    ("certificate", FAIL, [validity(13.9), validity(90)]),
    ("certificate", FAIL, [validity(0, error="refused")]),
    ("certificate", PASS, [validity(0, place="")]),
]


@pytest.mark.parametrize("name,outcome,seen", CASES)
def test_a_check_says_what_its_evidence_shows(
    name: str, outcome: Outcome, seen: list[Evidence]
) -> None:
    """Green for what is well, red for what it is there to find, neither where nothing was seen."""
    assert ruled(name, *seen).outcome is outcome


def test_every_check_of_a_watch_is_tried_both_ways() -> None:
    """Each has a case that is green and one that is red."""
    for outcome in (PASS, FAIL):
        tried = {f"monitor.{name}" for name, what, _ in CASES if what is outcome}
        assert tried == set(SCENARIOS)


def test_down_now_is_critical_and_a_blip_is_not() -> None:
    """Somebody is called for what is wrong, not for what was."""
    assert ruled("availability", probed(900, *UP, "refused", "refused")).grade is Grade.CRITICAL
    assert ruled("availability", probed(900, *UP, "refused", "", "")).grade is Grade.PLAIN
    assert ruled("webhook_probe", forged(202, 3.0)).grade is Grade.CRITICAL
    assert ruled("webhook_probe", forged(500, 3.0)).grade is Grade.PLAIN


def test_a_burn_of_fourteen_times_is_critical_and_a_slower_one_is_not() -> None:
    """Two minutes of an hour are 33 times too fast; half a minute of six hours is slower."""
    fast = ("",) * 116 + ("refused",) * 4
    assert ruled("budget", probed(3600, *fast)).grade is Grade.CRITICAL
    slow = ("",) * 115 + ("refused",) + ("",) * 4
    assert ruled("budget", probed(3600, *slow)).grade is Grade.PLAIN


def test_a_night_without_traffic_is_idle_and_no_blindness() -> None:
    """Nothing was asked, so nothing was slow; nobody was kept from looking."""
    assert ruled("webhook_latency", spread(0, FAST), spread(900, FAST)).grade is Grade.IDLE
    quiet = ruled("errors", look(0, answers=1, errors=0), look(9, answers=1, errors=0))
    assert quiet.grade is Grade.IDLE


def test_a_look_at_which_a_node_was_silent_is_not_green() -> None:
    """The other node's fast answers say nothing of it."""
    silent = {**spread(900, (), "api-2"), "error": "refused"}
    seen = [spread(0, NONE), spread(0, NONE, "api-2"), spread(900, FAST), silent]

    assert ruled("webhook_latency", *seen).outcome is INCONCLUSIVE


def test_an_objective_inside_a_bucket_is_not_guessed() -> None:
    """Between 100 and 200 ms nobody knows whether 150 ms were kept."""
    one = SCENARIOS["monitor.webhook_latency"]
    seen = [one.evidence(**facts) for facts in (spread(0, NONE), spread(900, SLOW))]

    assert one.check(seen, Slo(p95_ms=150.0)).outcome is INCONCLUSIVE
    assert one.check(seen, Slo(p95_ms=200.0)).outcome is PASS
