"""The smoke suite's checks on hand-written evidence: each is red for what it is there to find."""

from collections.abc import Callable, Sequence
from typing import Any

import pytest

from golive.catalog.catalog import Catalog
from golive.model.finding import Ruling
from golive.model.outcome import Outcome
from golive.model.slo import Slo

PASS, FAIL, INCONCLUSIVE = Outcome

ROWS = (("DE89370400440532013000", "Anna", 1050), ("NL91ABNA0417164300", "Bela", 99))
ALTERED = (ROWS[0], ("NL91ABNA0417164300", "Bela", 9900))

# What a healthy deployment shows, one piece of evidence for each scenario.
HEALTHY: dict[str, dict[str, Any]] = {
    "smoke.health": {"address": "api-1 http://one", "status": 200, "milliseconds": 3, "error": ""},
    "smoke.upload_stored": {
        "file": "a.csv",
        "sent_sha256": "aa",
        "sent_bytes": 10,
        "http_status": 202,
        "upload_id": "7",
        "bucket": "uploads",
        "objects": (("uploads/7.csv", 10, "aa"),),
        "answer": "",
    },
    "smoke.upload_processed": {
        "http_status": 202,
        "upload_id": "7",
        "status": "completed",
        "waiting": False,
        "done": True,
        "created": 2,
        "sent": ROWS,
        "listed": ROWS,
        "problem": "",
    },
    "smoke.download": {
        "taken_by": "api-1",
        "asked": "api-2",
        "upload_status": 202,
        "sent_sha256": "aa",
        "status": 200,
        "sha256": "aa",
        "error": "",
    },
    "smoke.webhook": {
        "unique_id": "u",
        "status": 200,
        "mismatch": "",
        "echo_expected": True,
        "milliseconds": 5.0,
        "health_milliseconds": 2.0,
    },
    "smoke.webhook_duplicate": {
        "unique_id": "u",
        "attempt": 3,
        "status": 200,
        "mismatch": "",
        "distinguishable": True,
        "effects": 1,
    },
    "smoke.database": {
        "unique_id": "u",
        "effects": 1,
        "state": "approved",
        "expected_state": "approved",
        "upload_id": "7",
        "upload_status": "completed",
        "sent": ROWS,
        "stored": ROWS,
    },
}

IDLE = ("webhooks", 0, 0, 0, 10, 0)

Judge = Callable[..., Ruling]


@pytest.fixture(scope="module")
def judge() -> Judge:
    """Gives a scenario's check the healthy evidence with changes, one piece for each mapping."""
    scenarios = Catalog.of().scenarios

    def rule(name: str, *changes: dict[str, Any]) -> Ruling:
        scenario = scenarios[name]
        seen = [scenario.evidence(**{**HEALTHY.get(name, {}), **change}) for change in changes]
        return scenario.check(seen, Slo())

    return rule


@pytest.mark.parametrize("name", HEALTHY)
def test_what_a_healthy_deployment_shows_is_pass(judge: Judge, name: str) -> None:
    """The unchanged evidence proves the statement, so each red below is due to its one change."""
    assert judge(name, {}).outcome is PASS


@pytest.mark.parametrize(
    "name, change, said",
    [
        ("smoke.health", {"status": 503}, "answered 503"),
        ("smoke.health", {"status": None, "error": "Connection refused"}, "Connection refused"),
        ("smoke.upload_stored", {"http_status": 500, "upload_id": None}, "answered 500"),
        ("smoke.upload_stored", {"objects": (), "answer": "NoSuchKey"}, "no object for upload 7"),
        ("smoke.upload_stored", {"objects": (("k", 10, "bb"),)}, "does not hold the bytes"),
        ("smoke.upload_processed", {"waiting": True, "status": "pending"}, "still 'pending'"),
        ("smoke.upload_processed", {"done": False, "status": "failed"}, "ended as 'failed'"),
        ("smoke.upload_processed", {"problem": "the listing answered 500"}, "answered 500"),
        ("smoke.upload_processed", {"listed": ALTERED}, "1 of 2 rows are missing or altered"),
        ("smoke.upload_processed", {"listed": ROWS + ROWS}, "4 debtors are listed for 2 rows"),
        ("smoke.upload_processed", {"created": 3}, "counts 3 rows created, 2 were sent"),
        ("smoke.download", {"status": 404}, "answered 404 for a file that api-1 took"),
        ("smoke.download", {"sha256": "bb"}, "other bytes"),
        ("smoke.download", {"status": None, "error": "reset"}, "api-2: reset"),
        ("smoke.webhook", {"mismatch": "answered 401, not 200"}, "answered 401"),
        ("smoke.webhook", {"milliseconds": 150.0}, "median is 150 ms, not below 100 ms"),
        ("smoke.webhook_duplicate", {"mismatch": "answered 500, not 200"}, "answered 500"),
        ("smoke.webhook_duplicate", {"effects": 2}, "had 2 effects, not one"),
        ("smoke.webhook_duplicate", {"effects": 0}, "had 0 effects, not one"),
        ("smoke.database", {"effects": 0}, "had 0 effects"),
        ("smoke.database", {"effects": 2}, "had 2 effects"),
        ("smoke.database", {"state": "pending"}, "state is 'pending'"),
        ("smoke.database", {"upload_id": None}, "refused"),
        ("smoke.database", {"stored": ALTERED}, "1 of the 2 rows sent"),
        ("smoke.database", {"stored": ROWS + ROWS}, "among the 4 debtors"),
    ],
)
def test_each_defect_is_red_and_named(
    judge: Judge, name: str, change: dict[str, Any], said: str
) -> None:
    """One thing wrong is FAIL, and the sentence says which."""
    ruling = judge(name, change)

    assert ruling.outcome is FAIL
    assert said in ruling.summary


def test_one_sick_address_among_healthy_ones_is_red(judge: Judge) -> None:
    """The balancer hides a dead node from its users, not from the check."""
    ruling = judge("smoke.health", {"address": "balancer"}, {"address": "api-2", "status": 502})

    assert ruling.outcome is FAIL
    assert "api-2 answered 502" in ruling.summary


@pytest.mark.parametrize(
    "name, change",
    [
        ("smoke.download", {"taken_by": "balancer", "asked": "balancer"}),
        ("smoke.download", {"asked": "balancer"}),
        ("smoke.webhook", {"milliseconds": 150.0, "health_milliseconds": 120.0}),
        ("smoke.webhook_duplicate", {"distinguishable": False, "effects": None}),
    ],
    ids=["no nodes", "one node", "slow machine", "answers look alike"],
)
def test_what_decides_nothing_is_inconclusive(
    judge: Judge, name: str, change: dict[str, Any]
) -> None:
    """Evidence that a broken deployment would give as well is never PASS."""
    assert judge(name, change).outcome is INCONCLUSIVE


def test_an_echo_is_claimed_only_where_it_was_looked_for(judge: Judge) -> None:
    """A target file that names no echo is not told that there was one."""
    assert "echoed" in judge("smoke.webhook", {}).summary
    assert "echoed" not in judge("smoke.webhook", {"echo_expected": False}).summary


def test_a_few_slow_answers_do_not_decide(judge: Judge) -> None:
    """The median is judged: a machine that stutters once is not a slow service."""
    deliveries: Sequence[dict[str, Any]] = [{"milliseconds": 900.0}, {}, {}]

    assert judge("smoke.webhook", *deliveries).outcome is PASS


@pytest.mark.parametrize(
    "after, outcome, said",
    [
        ({"effects": 3}, PASS, "3 jobs were run"),
        ({"effects": None, "queues": (("webhooks", 0, 0, 0, 13, 0),)}, PASS, "3 jobs were run"),
        ({"effects": 0, "queues": (("webhooks", 3, 0, 0, 10, 0),)}, FAIL, "3 jobs wait"),
        ({"effects": 3, "queues": (("webhooks", 0, 0, 0, 12, 1),)}, FAIL, "1 jobs failed"),
        ({"effects": 3, "accepted": 1}, FAIL, "only 1 of 3 notifications were accepted"),
        ({"effects": None}, INCONCLUSIVE, "nothing shows that the jobs were run"),
    ],
    ids=["effects", "registry", "no worker", "failed job", "refused", "no trace"],
)
def test_the_queue_must_show_the_work(
    judge: Judge, after: dict[str, Any], outcome: Outcome, said: str
) -> None:
    """Jobs that wait, fail or leave no trace are never PASS."""
    base = {"workers": 2, "queues": (IDLE,), "accepted": 3, "effects": None}
    before = {**base, "moment": "before", "accepted": 0}

    ruling = judge("smoke.job_processed", before, {**base, "moment": "after", **after})

    assert ruling.outcome is outcome
    assert said in ruling.summary
