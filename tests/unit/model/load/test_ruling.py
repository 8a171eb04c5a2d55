"""The judge of a load on hand-written evidence: no reason is missed or hides a worse one."""

from dataclasses import replace
from typing import Any

import pytest
from hdrh.histogram import HdrHistogram

from golive.model.facts import facts_of, revive
from golive.model.history.records import SentFile, rows_of
from golive.model.load.histogram import empty, encoded, record
from golive.model.load.hopeless import hopeless
from golive.model.load.knee import Knee
from golive.model.load.records import ALL, STOLEN, Beat, Loaded, Measured
from golive.model.load.ruling import felt_within_slo
from golive.model.load.shape import hold
from golive.model.load.traffic import LoadPlan
from golive.model.outcome import Outcome
from golive.model.slo import Slo

PASS, FAIL, INCONCLUSIVE = Outcome
SLO = Slo()

GOOD = Measured(
    stage="1 hold 100/s",
    began_seconds=0.0,
    seconds=10.0,
    to_per_second=100.0,
    may_be_slow=False,
    scheduled=1000,
    sent=1000,
    dropped=0,
    late=2,
    answered=1000,
    failed=0,
    faulty=0,
    felt_p50_ms=4.0,
    felt_p95_ms=10.0,
    felt_p95_low_ms=9.0,
    felt_p95_high_ms=12.0,
    felt_p99_ms=20.0,
    felt_p99_low_ms=15.0,
    felt_p99_high_ms=30.0,
    felt_max_ms=40.0,
    taken_p95_ms=9.0,
    taken_p95_low_ms=8.0,
    taken_p99_ms=18.0,
    taken_p99_low_ms=14.0,
    late_p99_ms=1.0,
)


def loaded(*stages: Measured, bare: Measured = GOOD, **other: Any) -> Loaded:
    """Evidence of a load that went well, but for what is said."""
    stages = stages or (GOOD,)
    names = ("scheduled", "sent", "dropped", "late", "answered", "failed", "faulty")
    sums = {name: sum(getattr(one, name) for one in stages) for name in names}
    total = replace(stages[0], stage=ALL, **sums)
    facts: dict[str, Any] = {
        "seed": "s",
        "no_errors": False,
        "planned": total.scheduled,
        "stages": rows_of((*stages, total)),
        "seconds": (),
        "histograms": (),
        "answers": (("1 hold 100/s", "new: 500", 7),),
        "bare": rows_of((bare, bare)),
        "queue": tuple((at + 0.5, 8 if at == 1 else 0) for at in range(round(stages[-1].seconds))),
        "memory": (),
        "files": (),
        "wrong": (),
        "wrong_count": 0,
        "owed": 980,
        "applied": 900,
        "drained_seconds": 0.1,
        "workers": 1,
        "cpu_percent": 5.0,
    }
    return revive(Loaded, facts_of(Loaded(**{**facts, **other})))


def test_a_good_load_passes_with_its_margin() -> None:
    """Everything within its limits is PASS, and the figures say how far."""
    ruling = felt_within_slo([loaded()], SLO)

    assert ruling.outcome is PASS
    assert ruling.measured["margin_ratio"] == 10
    assert "none lost" in ruling.summary


PAUSED = replace(GOOD, felt_p95_ms=150.0, felt_p95_low_ms=120.0, felt_p95_high_ms=170.0)
"""The generator itself stood still for a moment: what it sent was answered at once."""
SLOW = replace(PAUSED, taken_p95_ms=145.0, taken_p95_low_ms=118.0)
UNSURE = replace(GOOD, felt_p95_ms=99.0, felt_p95_low_ms=90.0, felt_p95_high_ms=110.0)
LATE = replace(GOOD, late=100, late_p99_ms=30.0)
FAULTY = replace(GOOD, failed=20, faulty=20)
UNANSWERED = replace(GOOD, failed=20)
DROPPED = replace(GOOD, sent=900, dropped=100)

TAKEN = SentFile("a.csv", "1", "202", 0.0, 1.0, "completed", True, "aa", "aa", 5, 5)
TAKEN_FILES = rows_of([TAKEN] * 10)
REFUSED_FILES = rows_of([TAKEN, replace(TAKEN, upload_id="", answer="500")] * 5)

REASONS: dict[str, tuple[Loaded, Outcome, str]] = {
    "no traffic": (loaded(stages=()), INCONCLUSIVE, "no traffic"),
    "nothing sent": (loaded(replace(GOOD, sent=0)), INCONCLUSIVE, "no traffic"),
    "lost": (
        loaded(wrong=(("lost", "id-1", "1 was acknowledged, no effect"),), wrong_count=1),
        FAIL,
        "id-1 is lost",
    ),
    "p95 as felt": (loaded(SLOW), FAIL, "p95 is 150 ms"),
    "p95 from sending": (
        loaded(replace(GOOD, taken_p95_ms=120.0, taken_p95_low_ms=110.0)),
        FAIL,
        "p95",
    ),
    "p99": (
        loaded(
            replace(
                GOOD,
                felt_p99_ms=300.0,
                felt_p99_low_ms=250.0,
                taken_p99_ms=290.0,
                taken_p99_low_ms=240.0,
            )
        ),
        FAIL,
        "p99 is 300 ms",
    ),
    "a pause of the generator": (loaded(PAUSED), INCONCLUSIVE, "the generator was late"),
    "too close": (loaded(UNSURE), INCONCLUSIVE, "too close"),
    "one stage of two": (loaded(GOOD, replace(SLOW, stage="2 x")), FAIL, "2 x"),
    "wrong answers": (loaded(FAULTY), FAIL, "7 x new: 500"),
    "no answers": (loaded(UNANSWERED), FAIL, "20 of 1000 requests failed"),
    "late": (loaded(LATE), INCONCLUSIVE, "could not keep up"),
    "dropped": (loaded(DROPPED), INCONCLUSIVE, "100 of 1000 requests were dropped"),
    "never due": (loaded(planned=1100), INCONCLUSIVE, "100 of 1100"),
    "unknown": (loaded(replace(GOOD, answered=990)), INCONCLUSIVE, "become of 10"),
    "stopped": (loaded(stopped="why"), INCONCLUSIVE, "stopped early: why"),
    "a worker left": (loaded(problem="only 1 of 2"), INCONCLUSIVE, "only 1 of 2"),
    "queue": (loaded(queue=((1.0, 100),)), FAIL, "100 jobs deep"),
    "queue seen in part": (
        loaded(queue=tuple((float(at), 0) for at in range(4))),
        INCONCLUSIVE,
        "nobody looked at the queue for 7 s",
    ),
    "few failures": (
        loaded(replace(GOOD, failed=8)),
        INCONCLUSIVE,
        "8 of 1000 requests failed, and the limit is near",
    ),
    "files refused": (loaded(files=REFUSED_FILES), FAIL, "5 of 10 files were not accepted: 500"),
    "files not sent": (
        loaded(files=TAKEN_FILES, planned_files=50),
        INCONCLUSIVE,
        "only 10 of 50 files",
    ),
    "memory not seen": (
        loaded(replace(GOOD, seconds=600.0)),
        INCONCLUSIVE,
        "whether memory grows was not observed",
    ),
    "a short stage": (
        loaded(replace(GOOD, sent=200, answered=200, scheduled=200), planned=200),
        INCONCLUSIVE,
        "takes 368 requests",
    ),
    "not drained": (loaded(drained_seconds=-1.0), FAIL, "not empty again"),
    "queue not seen": (loaded(queue=()), INCONCLUSIVE, "not observed"),
    "nothing acknowledged": (loaded(owed=0), INCONCLUSIVE, "acknowledged"),
    "a busy machine": (loaded(processor_share=0.3), INCONCLUSIVE, "only 30% of a processor"),
    "a slow machine": (loaded(bare=SLOW), INCONCLUSIVE, "too slow"),
}


@pytest.mark.parametrize("name", REASONS)
def test_each_reason_is_found(name: str) -> None:
    """Its outcome and its sentence are those of the reason."""
    evidence, outcome, words = REASONS[name]
    ruling = felt_within_slo([evidence], SLO)

    assert (ruling.outcome, words in ruling.summary) == (outcome, True), ruling.summary


def test_a_machine_that_is_too_slow_excuses_latency_and_nothing_else() -> None:
    """Lost effects and wrong answers stay red; slow answers are INCONCLUSIVE."""
    lost = (("lost", "id-1", "gone"),)

    assert felt_within_slo([loaded(SLOW, bare=SLOW)], SLO).outcome is INCONCLUSIVE
    assert felt_within_slo([loaded(FAULTY, bare=SLOW)], SLO).outcome is FAIL
    assert felt_within_slo([loaded(bare=SLOW, wrong=lost, wrong_count=1)], SLO).outcome is FAIL


def stolen(*seconds: float) -> tuple[tuple[str, float, float], ...]:
    """Looks that are two seconds apart: what the host had taken until then."""
    return tuple((STOLEN, 2.0 * place, 70.0 + taken) for place, taken in enumerate(seconds))


DEEP = tuple((at + 0.5, 150) for at in range(10))


@pytest.mark.parametrize(
    "resources, outcome",
    [
        ((), FAIL),
        (stolen(0, 0.2, 0.4, 0.6, 0.8), FAIL),
        (stolen(0, 1.0, 1.0, 1.0, 1.0), FAIL),
        (stolen(0, 0, 0.5, 1.0, 1.5, 1.5), INCONCLUSIVE),
    ],
)
def test_what_the_host_takes_for_seconds_excuses_what_is_late_and_nothing_else(
    resources: tuple[tuple[str, float, float], ...], outcome: Outcome
) -> None:
    """A fifth of all processors for six seconds; wrong and missing answers stay red."""
    late = [loaded(SLOW, resources=resources), loaded(queue=DEEP, resources=resources)]
    rulings = [felt_within_slo([one], SLO) for one in late]

    assert [one.outcome for one in rulings] == [outcome] * 2
    told = "the host of this machine took 25% of its processors for 6 s"
    assert all((told in one.summary) == (outcome is INCONCLUSIVE) for one in rulings)
    for one in (FAULTY, UNANSWERED):
        assert felt_within_slo([loaded(one, resources=resources)], SLO).outcome is FAIL
    assert felt_within_slo([loaded(resources=resources)], SLO).outcome is PASS


def test_without_a_bare_server_nothing_is_known_of_the_machine() -> None:
    """What was not measured beside it is INCONCLUSIVE."""
    assert felt_within_slo([replace(loaded(), bare=())], SLO).outcome is INCONCLUSIVE


def test_a_late_generator_does_not_prove_the_target_slow() -> None:
    """What was felt includes its own lateness."""
    late_and_slow = replace(SLOW, late=200, late_p99_ms=30.0)
    a_little_late = replace(GOOD, late=200, late_p99_ms=8.0)

    assert felt_within_slo([loaded(late_and_slow)], SLO).outcome is INCONCLUSIVE
    assert felt_within_slo([loaded(a_little_late)], SLO).outcome is PASS


def test_a_sustained_load_has_no_error_at_all() -> None:
    """One failed request of a thousand is within the ratio, but not within none."""
    one = replace(GOOD, failed=1, faulty=1)

    assert felt_within_slo([loaded(one)], SLO).outcome is PASS
    assert felt_within_slo([loaded(one, no_errors=True)], SLO).outcome is FAIL


def test_where_it_may_be_slow_only_failures_count() -> None:
    """A spike's own latency is not judged; its failures are."""
    spike = replace(SLOW, may_be_slow=True)

    assert felt_within_slo([loaded(GOOD, spike)], SLO).outcome is PASS
    assert felt_within_slo([loaded(GOOD, replace(spike, failed=50))], SLO).outcome is FAIL


@pytest.mark.parametrize("growth, outcome", [(0, PASS), (100_000, FAIL)])
def test_memory_must_not_grow_over_a_long_stage(growth: int, outcome: Outcome) -> None:
    """100 kB a second is 360 MB an hour."""
    long = replace(GOOD, seconds=600.0)
    memory = tuple((float(at), 1e8 + growth * at, "api-2") for at in range(0, 600, 5))
    still = tuple((float(at), 1e8, "api-1") for at in range(0, 600, 5))

    assert felt_within_slo([loaded(long, memory=still + memory)], SLO).outcome is outcome


def test_a_stage_that_is_short_is_judged_together_with_others() -> None:
    """Two hundred requests bound no p99 of their own; with the others there are enough."""
    short = replace(GOOD, stage="2 x", sent=200, answered=200, scheduled=200)
    histogram = empty()
    for _ in range(1_200):
        record(histogram, 0.01)
    rows = ((GOOD.stage, "felt", encoded(histogram)),)
    slow = empty()
    for _ in range(1_200):
        record(slow, 0.5)

    assert felt_within_slo([loaded(GOOD, short, histograms=rows)], SLO).outcome is PASS
    rows = ((GOOD.stage, "felt", encoded(slow)),)
    assert felt_within_slo([loaded(GOOD, short, histograms=rows)], SLO).outcome is INCONCLUSIVE


def test_a_burst_that_comes_again_is_judged_as_one() -> None:
    """Each of five is too short to tell; of all of them together it is known."""
    bursts = [replace(UNSURE, stage=f"{number} hold 150/s") for number in range(5)]
    fast, slow = empty(), empty()
    for _ in range(1_000):
        record(fast, 0.01)
        record(slow, 0.15)

    def judged(histogram: HdrHistogram) -> Outcome:
        rows = tuple((one.stage, "felt", encoded(histogram)) for one in bursts)
        return felt_within_slo([loaded(*bursts, histograms=rows)], SLO).outcome

    assert judged(fast) is PASS
    assert judged(slow) is INCONCLUSIVE


@pytest.mark.parametrize(
    "limit, looks, outcome",
    [
        ({"redis_mb": 50.0}, (("Redis bytes", 1.0, 60e6),), FAIL),
        ({"redis_mb": 70.0}, (("Redis bytes", 1.0, 60e6),), PASS),
        ({"redis_mb": 70.0}, (), INCONCLUSIVE),
        ({"postgres_connections": 20}, (("Postgres connections", 1.0, 20),), FAIL),
        ({"processors": 1.5}, tuple(("processor seconds", at, 2.0 * at) for at in range(9)), FAIL),
        ({"processors": 2.5}, tuple(("processor seconds", at, 2.0 * at) for at in range(9)), PASS),
    ],
)
def test_what_the_target_uses_has_limits_where_they_are_set(limit, looks, outcome) -> None:
    """Beyond one is FAIL, and INCONCLUSIVE where it was not seen."""
    ruling = felt_within_slo([loaded(resources=looks)], replace(SLO, **limit))

    assert ruling.outcome is outcome, ruling.summary


def test_the_knee_is_the_last_step_that_holds() -> None:
    """The steps before the first broken one count, those after it do not."""
    rates = (50.0, 100.0, 150.0)
    good = [replace(GOOD, stage=f"{rate}", to_per_second=rate) for rate in rates]
    broken = replace(SLOW, stage="100", to_per_second=100.0)
    one = Knee(100)([loaded(*good)], SLO)
    two = Knee(100)([loaded(good[0], broken, good[2])], SLO)

    assert (one.outcome, one.measured["knee_per_second"]) == (PASS, 150)
    assert (two.outcome, two.measured["knee_per_second"]) == (FAIL, 50)


def test_a_generator_that_gave_way_first_leaves_the_knee_open() -> None:
    """Where the step broke because it was sent late, the target is not to blame."""
    late = replace(LATE, to_per_second=50.0)

    assert Knee(100)([loaded(late)], SLO).outcome is INCONCLUSIVE


def test_a_step_that_is_too_close_to_tell_is_neither_kept_nor_broken() -> None:
    """One slow answer in a short step does not make a knee; a faster step that is kept does."""
    unsure = replace(GOOD, stage="50", to_per_second=50.0, felt_p99_high_ms=300.0)
    kept = replace(GOOD, stage="100", to_per_second=100.0)

    assert Knee(100)([loaded(unsure, kept)], SLO).outcome is PASS
    assert Knee(100)([loaded(unsure)], SLO).outcome is INCONCLUSIVE
    assert Knee(100)([loaded(unsure, replace(SLOW, to_per_second=150.0))], SLO).outcome is (
        INCONCLUSIVE
    )


def test_a_slow_machine_or_a_worker_that_left_leaves_the_knee_open() -> None:
    """Where the server that does nothing is slow too, or a part of the load is missing, slow
    answers prove nothing; wrong ones do.
    """
    slow = replace(SLOW, stage="50", to_per_second=50.0)
    wrong = replace(slow, failed=100, faulty=100)

    assert Knee(100)([loaded(slow)], SLO).outcome is FAIL
    assert Knee(100)([loaded(slow, bare=SLOW)], SLO).outcome is INCONCLUSIVE
    taken = stolen(0, 1, 2, 3)
    assert Knee(100)([loaded(slow, resources=taken)], SLO).outcome is INCONCLUSIVE
    assert Knee(100)([loaded(wrong, bare=SLOW)], SLO).outcome is FAIL
    assert Knee(100)([loaded(GOOD, problem="1 of 2 workers left")], SLO).outcome is INCONCLUSIVE


PLAN = LoadPlan((hold(100, 10),))


def beat(at: float, answered: int, failed: int) -> Beat:
    """Totals at a moment."""
    return Beat(at, answered, answered, failed, 0, 0, 0)


def test_a_load_is_hopeless_when_half_of_it_fails_for_seconds() -> None:
    """Failures of the last five seconds count, those of a short while do not."""
    good = [beat(at, 100 * at, 0) for at in range(10)]
    bad = [beat(10 + at, 1000 + 100 * at, 80 * at) for at in range(7)]

    assert not hopeless([], PLAN, SLO)
    assert not hopeless(good, PLAN, SLO)
    assert not hopeless([*good, *bad[:2]], PLAN, SLO)
    assert "failed" in hopeless([*good, *bad], PLAN, SLO)


def test_a_load_without_errors_ends_with_the_first() -> None:
    """Nineteen further minutes would not make it green."""
    bad = [beat(at, 100 * at, at // 3) for at in range(5)]

    assert "not one may" in hopeless(bad, replace(PLAN, no_errors=True), SLO)
    assert not hopeless(bad, PLAN, SLO)


def test_a_load_is_hopeless_when_everybody_waits_for_seconds() -> None:
    """Three hundred who wait at a hundred a second wait for three; a spike may be slow."""
    slow = [replace(beat(at, 100 * at, 0), in_flight=300) for at in range(10)]
    spike = replace(PLAN, stages=(hold(100, 10, may_be_slow=True),))

    assert "3.0 s on average" in hopeless(slow, PLAN, SLO)
    assert not hopeless(slow, spike, SLO)
