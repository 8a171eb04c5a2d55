"""Merging what several processes measured: nothing is lost, nothing is counted twice."""

import json
from random import Random

import pytest

from golive.adapters.load.tally import Reading, Tally
from golive.adapters.load.totals import Totals
from golive.model.load import histogram
from golive.model.load.records import ALL, Measured, Result
from golive.model.load.shape import hold
from golive.model.load.traffic import Arrival, Kind

STAGES = (hold(50, 10), hold(100, 10))
GOOD = Reading("200 new", good=True, acknowledged=True)
WRONG = Reading("500")
NONE = Reading("no answer in time", answered=False)


def arrival(number: int, at: float) -> Arrival:
    """A request of the stage that its time is in."""
    return Arrival(number, int(at >= 10), at, Kind.NEW, number, "approved")


def told(tally: Tally, worker: str, at: float, *, last: bool = False) -> dict[str, object]:
    """A beat as it comes out of a pipe."""
    beat = tally.beat(at, last=last)
    return dict(
        json.loads(json.dumps({"worker": worker, "in_flight": 0, "cpu_percent": 1, **beat}))
    )


def measure(tallies: list[Tally], totals: Totals, count: int = 2000) -> list[float]:
    """Let workers measure in turn and tell now and again; returns what was felt, in seconds."""
    chance = Random("s")
    felt = []
    for number in range(count):
        worker = number % len(tallies)
        at = number * 20 / count
        taken, late = chance.lognormvariate(-4, 1), chance.random() * 0.004
        one = arrival(number, at)
        tallies[worker].scheduled(one, sent=True)
        tallies[worker].answered(one, GOOD, late_seconds=late, taken_seconds=taken)
        felt.append(late + taken)
        if number % 97 == 0:
            totals.add(told(tallies[worker], f"w{worker}", at))
    for worker, tally in enumerate(tallies):
        totals.add(told(tally, f"w{worker}", 20.0, last=True))
    return felt


def row(result: Result, name: str) -> Measured:
    """One stage of a result."""
    return next(one for one in result.stages if name in one.stage)


def test_percentiles_of_several_workers_are_those_of_all_values() -> None:
    """Merged, p95 and p99 are within three digits of the exact ones, not an average of workers."""
    totals = Totals(STAGES)
    felt = sorted(measure([Tally(5.0) for _ in range(3)], totals))
    measured = row(totals.result(3), ALL)

    assert measured.felt_p95_ms == pytest.approx(felt[1899] * 1000, rel=0.002)
    assert measured.felt_p99_ms == pytest.approx(felt[1979] * 1000, rel=0.002)
    assert measured.felt_max_ms == pytest.approx(felt[-1] * 1000, rel=0.002)
    assert measured.felt_p95_low_ms < measured.felt_p95_ms < measured.felt_p95_high_ms


def test_one_worker_and_three_give_the_same_histograms() -> None:
    """Who measured what makes no difference, to the bit."""
    one, three = Totals(STAGES), Totals(STAGES)
    measure([Tally(5.0)], one)
    measure([Tally(5.0) for _ in range(3)], three)

    assert one.result(1).histograms == three.result(3).histograms
    assert one.result(1).seconds == three.result(3).seconds


def test_every_request_is_in_its_stage_and_in_its_second() -> None:
    """Stages and seconds both add up to everything, and can be read from the histograms again."""
    totals = Totals(STAGES)
    measure([Tally(5.0), Tally(5.0)], totals)
    result = totals.result(2)

    assert [one.sent for one in result.stages] == [1000, 1000, 2000]
    assert [one.sent for one in result.seconds] == [100] * 20
    assert len(result.acknowledged) == 2000
    for stage, timed, text in result.histograms:
        total = histogram.added([str(text)]).get_total_count()
        assert total == row(result, str(stage)).answered, timed


def test_the_slowest_of_all_workers_are_kept() -> None:
    """Of three workers the twenty slowest of all, the slowest first, whoever measured them."""
    one, three = Totals(STAGES), Totals(STAGES)
    felt = measure([Tally(5.0)], one)
    measure([Tally(5.0) for _ in range(3)], three)
    slowest = three.result(3).slowest
    numbers = sorted(range(len(felt)), key=lambda number: -felt[number])[:20]

    assert [request.number for request in slowest] == numbers
    assert slowest[0].felt_ms == pytest.approx(max(felt) * 1000, abs=0.001)
    assert (
        slowest[0].stage == f"{1 + (numbers[0] >= 1000)} hold {50 if numbers[0] < 1000 else 100}/s"
    )
    assert slowest == one.result(1).slowest


def test_a_second_knows_what_was_late() -> None:
    """Late and dropped are told for each second, not only for the stage."""
    totals, tally = Totals(STAGES), Tally(5.0)
    for at in (1.0, 1.5, 2.0):
        tally.scheduled(arrival(int(at * 2), at), sent=True)
        late = 0.01 if at < 2 else 0.0
        tally.answered(arrival(int(at * 2), at), GOOD, late_seconds=late, taken_seconds=0.1)
    totals.add(told(tally, "w", 3.0, last=True))

    assert [one.late for one in totals.result(1).seconds] == [2, 0]


def test_failures_and_drops_are_counted_by_kind() -> None:
    """What was dropped was not sent; a wrong answer is told from none; late is late."""
    totals, tally = Totals(STAGES), Tally(5.0)
    for number, reading in enumerate((GOOD, WRONG, WRONG, NONE)):
        tally.scheduled(arrival(number, 1.0), sent=True)
        tally.answered(arrival(number, 1.0), reading, late_seconds=0.01, taken_seconds=0.1)
    tally.scheduled(arrival(9, 1.0), sent=False)
    beat = totals.add(told(tally, "w", 2.0, last=True))
    result = totals.result(1)
    measured = result.stages[0]

    assert (beat.sent, beat.failed, beat.dropped, beat.late) == (4, 3, 1, 4)
    assert (measured.scheduled, measured.failed, measured.faulty) == (5, 3, 2)
    assert result.answers[0] == ("1 hold 50/s", "new: 500", 2)
    assert result.acknowledged == (0,)


def test_a_process_that_left_is_missed() -> None:
    """Without its last beat nobody knows what it had under way; what it told stays."""
    totals, tally = Totals(STAGES), Tally(5.0)
    tally.scheduled(arrival(1, 1.0), sent=True)
    totals.add(told(tally, "w1", 2.0))
    totals.add(told(Tally(5.0), "w2", 2.0, last=True))

    assert totals.missing(2) == "only 1 of 2 processes told everything"
    assert row(totals.result(2), ALL).sent == 1


def test_what_takes_too_long_counts_as_the_longest() -> None:
    """No value is lost because it is too large for the histogram."""
    one = histogram.empty()
    histogram.record(one, 10_000.0)

    assert histogram.at_percentile(one, 100) == pytest.approx(120_000, rel=0.002)
