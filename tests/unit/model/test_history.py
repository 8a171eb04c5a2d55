"""The judge of drills, on histories written by hand."""

from dataclasses import astuple, replace

import pytest

from golive.model.history.anomalies import anomalies
from golive.model.history.records import (
    Delivery,
    Demands,
    Drilled,
    Effect,
    History,
    Probed,
    SentFile,
    Strike,
    rows_of,
)
from golive.model.history.ruling import in_flight, nothing_lost, percentile
from golive.model.history.witness import witness
from golive.model.outcome import Outcome
from golive.model.slo import Slo

RECOVERS = Demands(recover_within_seconds=30.0)
FAULT = Strike("reset_peer", "redis_queue", 1.0, 2.0)


def sent(
    unique_id: str,
    phase: str = "ok",
    at: float = 1.0,
    what: str = "approved",
    kind: str = "sale",
    attempt: int = 1,
) -> Delivery:
    """A delivery that took a tenth of a second."""
    answer = {"ok": "200 new", "fail": "401", "info": "no answer in time"}[phase]
    return Delivery(unique_id, what, kind, attempt, phase, answer, at, at + 0.1)


def applied(unique_id: str, at: float = 1.5, state: str = "approved") -> Effect:
    """An effect."""
    return Effect(unique_id, at, state)


def file(**changes: object) -> SentFile:
    """A file that was accepted, stored and processed."""
    whole = SentFile("f.csv", "u-1", "202", 1.0, 1.2, "completed", True, "aa", "aa", 5, 5)
    return replace(whole, **changes)


def drilled(
    deliveries: list[Delivery],
    effects: list[Effect],
    strikes: tuple[Strike, ...] = (FAULT,),
    demands: Demands = RECOVERS,
    **changes: object,
) -> Drilled:
    """The evidence of a drill in which everything else went well."""
    well = Drilled(
        seed="1",
        deliveries=rows_of(deliveries),
        effects=rows_of(effects),
        strikes=rows_of(strikes),
        files=(),
        probes=(),
        demands=astuple(demands),
        before="",
        after="",
        recovered_seconds=0.5,
        failed_jobs=0,
    )
    return replace(well, **changes)


def kinds(deliveries: list[Delivery], effects: list[Effect]) -> list[str]:
    """What is wrong with a history, in words."""
    history = History(tuple(deliveries), tuple(effects), ())
    return [anomaly.kind for anomaly in anomalies(history)]


@pytest.mark.parametrize(
    "deliveries,effects,expected",
    [
        ([sent("a")], [applied("a")], []),
        ([sent("a")], [], ["lost"]),
        ([sent("a", "info"), sent("a", at=2, attempt=2)], [applied("a")], []),
        ([sent("a", "info")], [applied("a")], ["unacknowledged"]),
        ([sent("a")], [applied("a"), applied("a", 1.7)], ["duplicated"]),
        ([sent("a", "info"), sent("a", at=2)], [applied("a"), applied("a", 2.5)], ["duplicated"]),
        ([sent("a", "fail", kind="forged")], [], []),
        ([sent("a", "fail", kind="forged")], [applied("a")], ["unexpected"]),
        ([sent("a", "ok", kind="forged")], [], ["accepted"]),
        ([sent("a"), sent("a", "fail", at=2, kind="conflicting")], [applied("a")], []),
        ([sent("a"), sent("a", "ok", at=2, kind="conflicting")], [applied("a")], ["accepted"]),
        ([sent("a", "fail", kind="poison")], [], []),
        ([sent("a", "ok", kind="poison")], [], []),
        ([sent("a", kind="poison")], [applied("a"), applied("a")], ["duplicated"]),
        ([sent("a"), sent("a", what="chargeback")], [applied("a")], ["lost"]),
        ([sent("a"), sent("a", what="chargeback")], [applied("a"), applied("a", 2)], []),
    ],
)
def test_each_payment_is_judged_by_what_was_acknowledged(deliveries, effects, expected) -> None:
    """Acknowledged is owed, sent is allowed; of what must be refused, neither."""
    assert kinds(deliveries, effects) == expected


def test_the_state_must_not_depend_on_the_order() -> None:
    """Of payments that were told the same, the one in another state is named."""
    told = [sent(name, what=what) for name in "abc" for what in ("approved", "refunded")]
    effects = [applied(name, state="refunded") for name in "abc" for _ in range(2)]
    effects[-2:] = [applied("c", state="approved")] * 2

    (found,) = anomalies(History(tuple(told), tuple(effects), ()))

    assert (found.kind, found.about) == ("wrong_state", "c")


def test_what_had_no_answer_may_have_had_its_effect() -> None:
    """A chargeback whose answer never came may have been applied: the payment's state is then not
    that of others which were told of their approval only, and nothing is wrong with it.
    """
    told = [sent(name) for name in "abc"]
    told.append(sent("c", "info", what="chargeback"))
    effects = [applied(name, state="approved") for name in "abc"]
    effects.append(applied("c", 2.0, state="chargebacked"))

    found = anomalies(History(tuple(told), tuple(effects), ()))

    assert [one.kind for one in found if one.kind == "wrong_state"] == []


@pytest.mark.parametrize(
    "changes,expected",
    [
        ({}, []),
        ({"upload_id": "", "status": "", "done": False}, []),
        ({"status": "failed", "done": False}, ["lost"]),
        ({"stored_sha256": "bb"}, ["corrupted"]),
        ({"stored_sha256": "none"}, ["corrupted"]),
        ({"stored_sha256": ""}, []),
        ({"stored_rows": 4}, ["corrupted"]),
        ({"stored_rows": -1}, []),
    ],
)
def test_an_accepted_file_is_whole(changes, expected) -> None:
    """Bytes and rows are those that were sent; what may not be looked at is not held against it."""
    history = History((), (), (), (file(**changes),))

    assert [anomaly.kind for anomaly in anomalies(history)] == expected


def test_a_clean_drill_passes_with_its_figures() -> None:
    """The finding says how much was sent and how long effects took."""
    ruling = nothing_lost([drilled([sent("a"), sent("b")], [applied("a"), applied("b")])], Slo())

    assert ruling.outcome is Outcome.PASS
    assert ruling.measured["deliveries"] == 2
    assert ruling.measured["time_to_effect_p99_s"] == pytest.approx(0.4)


@pytest.mark.parametrize(
    "changes,words",
    [
        ({"recovered_seconds": -1.0}, "had not recovered 30 s after"),
        ({"recovered_seconds": 30.1}, "had not recovered 30 s after"),
        ({"after": "3 of 20 notifications had no effect"}, "did not return: 3 of 20"),
        ({"failed_jobs": 2}, "2 jobs ended as failed"),
        ({"strikes": (replace(FAULT, problem="it did not come back"),)}, "not come back"),
        ({"demands": Demands(30.0, answer_within_seconds=0.05)}, "answered after 0.1 s"),
        (
            {
                "demands": Demands(30.0, other_routes_within_seconds=1.0),
                "probes": rows_of([Probed(1.0, 200, 5.0), Probed(1.2, 0, 1500.0)]),
            },
            "another route took 1.5 s",
        ),
    ],
)
def test_a_target_that_does_not_come_back_in_time_fails(changes, words) -> None:
    """Nothing lost is not enough."""
    ruling = nothing_lost([drilled([sent("a")], [applied("a")], **changes)], Slo())

    assert ruling.outcome is Outcome.FAIL
    assert words in ruling.summary


@pytest.mark.parametrize(
    "evidence,words",
    [
        (drilled([], []), "nothing was acknowledged"),
        (drilled([sent("a")], [applied("a")], strikes=()), "no fault was there"),
        (drilled([sent("a")], [applied("a")], planned_strikes=2), "only 1 of 2 faults were there"),
        (
            drilled([sent("a")], [applied("a")], strikes=(replace(FAULT, start_seconds=1.6),)),
            "vacuous: reset_peer on redis_queue",
        ),
        (
            drilled(
                [sent("a")],
                [applied("a")],
                demands=Demands(30.0, answer_within_seconds=0.05),
                lag_seconds=0.4,
            ),
            "golive was 0.4 s late itself",
        ),
        (
            drilled([sent("a")], [applied("a")], before="2 of 20 had no echo"),
            "did not hold before any fault",
        ),
        (
            drilled(
                [sent("a")], [applied("a")], demands=Demands(30.0, other_routes_within_seconds=1.0)
            ),
            "no other route was asked",
        ),
    ],
)
def test_a_drill_that_shows_nothing_is_inconclusive(evidence, words) -> None:
    """No traffic, no fault, a fault that met nothing, an unsteady start: never PASS."""
    ruling = nothing_lost([evidence], Slo())

    assert ruling.outcome is Outcome.INCONCLUSIVE
    assert words in ruling.summary


def test_a_loss_outweighs_everything() -> None:
    """An unsteady target that has lost something has lost something."""
    ruling = nothing_lost([drilled([sent("a")], [], before="unsteady", strikes=())], Slo())

    assert ruling.outcome is Outcome.FAIL
    assert "1 lost" in ruling.summary


def test_the_control_needs_no_fault() -> None:
    """A drill without faults passes, and says so."""
    demands = Demands(30.0, must_hit=False)

    ruling = nothing_lost([drilled([sent("a")], [applied("a")], (), demands)], Slo())

    assert ruling.outcome is Outcome.PASS


def test_the_witness_is_the_story_of_that_one_and_its_faults() -> None:
    """In order of time, without other payments, with the fault that was there meanwhile."""
    deliveries = (sent("a", "info", 1.2), sent("a", at=2.5, attempt=2), sent("b", at=1.3))
    late = replace(FAULT, start_seconds=9.0, end_seconds=9.5)
    history = History(deliveries, (applied("b"),), (FAULT, late))
    (lost,) = anomalies(history)

    lines = witness(history, lost).splitlines()

    assert lines == [
        "a: lost, 1 notification was acknowledged, no effect",
        "   1.000 s  fault begins: reset_peer on redis_queue",
        "   1.200 s  delivery 1 of approved (sale) sent",
        "   1.300 s  delivery 1 of approved (sale): no answer in time [info]",
        "   2.000 s  fault healed: reset_peer on redis_queue",
        "   2.500 s  delivery 2 of approved (sale) sent",
        "   2.600 s  delivery 2 of approved (sale): 200 new [ok]",
    ]


def test_a_long_witness_keeps_its_beginning_and_its_end() -> None:
    """The first delivery and the acknowledgement are what it is about."""
    tries = tuple(sent("a", "info", at=float(n), attempt=n) for n in range(1, 20))
    history = History((*tries, sent("a", at=30.0, attempt=20)), (), ())
    (lost,) = anomalies(history)

    lines = witness(history, lost).splitlines()

    assert len(lines) == 12
    assert lines[1] == "   1.000 s  delivery 1 of approved (sale) sent"
    assert lines[6] == "           … 30 more …"
    assert lines[-1] == "  30.100 s  delivery 20 of approved (sale): 200 new [ok]"


def test_a_long_witness_keeps_what_decides() -> None:
    """What was acknowledged between many faults is told: without it nothing was lost."""
    strikes = tuple(Strike("reset_peer", "redis_queue", n, n + 0.5) for n in range(20))
    tries = tuple(sent("a", "ok" if n == 9 else "info", n + 0.2, attempt=n) for n in range(20))
    (lost,) = anomalies(history := History(tries, (), strikes))

    _, *lines = witness(history, lost).splitlines()

    assert lines[0] == "   0.000 s  fault begins: reset_peer on redis_queue"
    assert lines[5:8] == [
        "           … 33 more …",
        "   9.300 s  delivery 9 of approved (sale): 200 new [ok]",
        "           … 37 more …",
    ]
    assert lines[-1] == "  19.500 s  fault healed: reset_peer on redis_queue"
    assert len(lines) == 12


def test_a_job_that_waits_is_in_flight() -> None:
    """A fault behind the queue meets what was acknowledged before and applied after it began."""
    waiting = History((sent("a", at=0.5),), (applied("a", 1.4),), (FAULT,))
    done = History((sent("a", at=0.5),), (applied("a", 0.7),), (FAULT,))

    assert (in_flight(waiting, FAULT), in_flight(done, FAULT)) == (1, 0)


def test_percentiles_are_by_nearest_rank() -> None:
    """The value that so many percent do not exceed."""
    values = [float(number) for number in range(1, 101)]

    assert [percentile(values, part) for part in (50, 99, 100)] == [50.0, 99.0, 100.0]
    assert percentile([7.0], 50) == 7.0
