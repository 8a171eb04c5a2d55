"""A load as it is measured, of requests whose latencies are drawn from a seed."""

from random import Random

from golive.adapters.load.tally import Reading, Tally
from golive.adapters.load.totals import Totals
from golive.model.evidence import Ending, Evidence, StepRecord
from golive.model.facts import facts_of
from golive.model.history.records import rows_of
from golive.model.load.records import ALL, Loaded
from golive.model.load.shape import hold, ramp, seconds_of
from golive.model.load.traffic import Arrival, Kind

STAGES = (ramp(10, 20, 5, may_be_slow=True), hold(20, 10), hold(40, 5))
STALL = 12
"""The second in which everything is slow."""

GOOD = Reading("200 new", good=True, acknowledged=True, request_id="request-1")
WRONG = Reading("500 <script>alert(1)</script>")


def loaded(seed: str = "s", workers: int = 2) -> Loaded:
    """Evidence of a load of 475 requests within twenty seconds."""
    chance, totals = Random(seed), Totals(STAGES)
    tallies = [Tally(5.0) for _ in range(workers)]
    number = 0
    for second in range(20):
        stage = 0 if second < 5 else 1 if second < 15 else 2
        for place in range((15, 20, 40)[stage]):
            due = second + place / 40
            one = Arrival(number, stage, due, Kind.NEW, number, "approved")
            taken = chance.lognormvariate(-5, 0.5) + (0.4 if second == STALL else 0.0)
            tally = tallies[number % workers]
            tally.scheduled(one, sent=place != 39)
            if place != 39:
                reading = WRONG if number % 100 == 20 else GOOD
                late = 0.02 if place == 3 else 0.0
                tally.answered(one, reading, late_seconds=late, taken_seconds=taken)
            number += 1
    for name, tally in enumerate(tallies):
        beat = {"worker": str(name), "in_flight": 0, "cpu_percent": 3.0}
        totals.add({**beat, **tally.beat(20.0, last=True)})
    result = totals.result(workers)
    looks = [at + 0.5 for at in range(20)]
    return Loaded(
        seed=seed,
        no_errors=False,
        planned=number,
        stages=rows_of(result.stages),
        seconds=rows_of(result.seconds),
        histograms=result.histograms,
        answers=result.answers,
        bare=rows_of(one for one in result.stages if one.stage != ALL),
        queue=tuple((at, 150 if int(at) == STALL else 0) for at in looks),
        memory=tuple((at, 9e7 + 1e5 * at, "api-1") for at in looks),
        files=(),
        wrong=(),
        wrong_count=0,
        owed=len(result.acknowledged),
        applied=len(result.acknowledged),
        drained_seconds=0.1,
        workers=workers,
        cpu_percent=3.0,
        began="2026-01-05T08:00:00.000+00:00",
        slowest=rows_of(result.slowest),
        queue_ages=((STALL + 0.5, 1.5),),
        resources=(
            *(("processor seconds", at, at / 5) for at in looks),
            *(("stolen seconds", at, at / 50) for at in looks),
            *(("Redis bytes", at, int(3e6 + 1e5 * at)) for at in looks),
            *(("Postgres connections", at, 7) for at in looks),
        ),
    )


def step_of(seen: Loaded, scenario: str = "load.steady") -> StepRecord:
    """The record of a step that gave this evidence."""
    facts = facts_of(seen)
    assert seconds_of(STAGES) == 20
    evidence = Evidence(f"{scenario}/1", type(seen).__name__, facts, ())
    return StepRecord(scenario, Ending.COMPLETED, "", "", 0.0, 30.0, (evidence,))
