"""Runs whose loads are written by hand: chance is no difference, a difference is found."""

from collections.abc import Sequence
from dataclasses import replace
from math import exp
from random import Random
from typing import Any

import pytest

from golive.errors import LedgerError
from golive.judging.comparing import JudgedRun, compare
from golive.judging.shifts import episodes, likely_by_chance, shift, widening_of
from golive.model.comparison import Change, Comparison, Difference
from golive.model.evidence import Ending, Evidence, StepRecord
from golive.model.facts import facts_of
from golive.model.finding import Finding
from golive.model.history.records import rows_of
from golive.model.ledger import Ledger
from golive.model.load.records import Loaded, Second
from golive.model.outcome import Decision, Outcome
from golive.model.plan import Plan, Step
from golive.model.slo import Slo
from golive.model.verdict import Verdict
from tests.unit.model.load.test_ruling import GOOD, loaded

PER_SECOND = 50
LOAD = "load.steady"


def second(number: int, latencies: Sequence[float], **other: int) -> Second:
    """A second with these latencies in milliseconds."""
    ordered = sorted(latencies)
    p50, p95, p99 = (ordered[int(len(ordered) * part)] for part in (0.5, 0.95, 0.99))
    counts = {"scheduled": len(ordered), "sent": len(ordered), "dropped": 0, "failed": 0, **other}
    return Second(number, **counts, felt_p50_ms=p50, felt_p95_ms=p95, felt_p99_ms=p99,
                  felt_max_ms=ordered[-1], histogram="")  # fmt: skip


def written(
    seed: str,
    *,
    seconds: int = 20,
    slower: float = 1.0,
    noisy: Sequence[int] = (),
    alike: float = 0.0,
    bare: float = 1.0,
    **other: Any,
) -> Loaded:
    """A load whose latencies are drawn from a seed. Seconds share a mood, which `alike` carries on
    to the next; in those that are `noisy` everything takes twenty times as long.
    """
    chance, mood, rows = Random(seed), 0.0, []
    for number in range(seconds):
        mood = alike * mood + chance.gauss(0, 0.05)
        factor = slower * exp(mood) * (20 if number in noisy else 1)
        rows.append(
            second(number, [factor * chance.lognormvariate(2, 0.5) for _ in range(PER_SECOND)])
        )
    stage = replace(GOOD, seconds=float(seconds))
    machine = replace(GOOD, felt_p50_ms=4.0 * bare, felt_p95_ms=10.0 * bare)
    return loaded(stage, bare=machine, seconds=rows_of(rows), **other)


def run(
    name: str,
    load: Loaded | None,
    *,
    outcome: Outcome = Outcome.PASS,
    damage: str = "",
    **plan: Any,
) -> JudgedRun:
    """A judged run with this load."""
    step = Step(LOAD, "load", "It is fast.", (), 60.0, "Make it faster.")
    facts: dict[str, Any] = {
        "run": name, "golive": "0", "target": "shop", "environment": "local", "base_url": "u",
        "profile": "quick", "started": "2026-01-05T08:00:00+00:00", "capabilities": (),
        "left_out": {}, "slo": Slo(), "steps": (step,), "items": (), "waivers": (), "gaps": (),
    }  # fmt: skip
    evidence = (Evidence(f"{LOAD}/1", "Loaded", facts_of(load), ()),) if load else ()
    record = StepRecord(LOAD, Ending.COMPLETED, "", "", 0.0, 30.0, evidence)
    finding = Finding(LOAD, "load", "It is fast.", outcome, "as seen", (), {}, "", 30.0)
    decision = Decision.GO if outcome is Outcome.PASS else Decision.NO_GO
    verdict = Verdict(decision, (), (finding,), (), ())
    return JudgedRun(Plan(**{**facts, **plan}), Ledger((record,), (), 30.0, damage), verdict)


def between(before: Loaded, after: Loaded) -> Comparison:
    """The comparison of two runs that differ in their loads alone."""
    return compare(run("a", before), run("b", after))


def figure(comparison: Comparison, what: str) -> Difference:
    """One figure of the only stage."""
    return next(one for one in comparison.differences if one.what == what)


@pytest.mark.parametrize("alike", [0.0, 0.6])
def test_the_same_distribution_twice_is_chance(alike: float) -> None:
    """Of two hundred pairs of runs at most one in twenty shows anything, also where seconds are
    like those before them.
    """
    found = [
        seed
        for seed in range(200)
        if any(
            one.change in (Change.WORSE, Change.BETTER)
            for one in between(
                written(f"a{seed}", alike=alike), written(f"b{seed}", alike=alike)
            ).differences
        )
    ]

    assert len(found) <= 10, found


def test_a_fifth_slower_is_found() -> None:
    """In nearly all of fifty pairs, and the interval holds the truth."""
    pairs = [
        between(written(f"a{one}", seconds=30), written(f"b{one}", seconds=30, slower=1.2))
        for one in range(50)
    ]
    medians = [figure(one, "p50") for one in pairs]

    assert sum(one.worse for one in pairs) >= 48
    assert sum(one.low <= 1.2 <= one.high for one in medians) >= 48
    assert all(one.change is not Change.BETTER for one in medians)


def test_a_fifth_faster_is_found_and_is_not_worse() -> None:
    """The other way round nothing got worse."""
    comparison = between(written("a", slower=1.2), written("b"))

    assert figure(comparison, "p50").change is Change.BETTER
    assert not comparison.worse


@pytest.mark.parametrize("seed", range(20))
def test_one_noisy_second_is_chance(seed: int) -> None:
    """A hiccup that makes everything twenty times slower for one second is no difference."""
    comparison = between(written(f"a{seed}"), written(f"b{seed}", noisy=[seed % 20]))

    assert not comparison.worse
    assert figure(comparison, "times beyond the limits").after >= 1


def test_a_stall_in_every_tenth_second_is_found() -> None:
    """The middle of all seconds does not move, but how often it goes badly does."""
    comparison = between(
        written("a", seconds=200), written("b", seconds=200, noisy=range(5, 200, 10))
    )

    assert figure(comparison, "p50").change is Change.CHANCE
    assert figure(comparison, "times beyond the limits").change is Change.WORSE
    assert comparison.worse


def test_failures_in_many_seconds_are_found() -> None:
    """Seconds in which requests fail are counted too."""
    good = written("a", seconds=60)
    rows = [second(number, [7.0] * PER_SECOND, failed=number % 3 == 0) for number in range(60)]
    comparison = between(good, replace(good, seconds=rows_of(rows)))

    assert figure(comparison, "times with failed or dropped requests").change is Change.WORSE


def test_what_the_machine_itself_varies_by_is_not_the_targets() -> None:
    """A fifth slower on a machine that became a third slower proves nothing."""
    comparison = between(written("a"), written("b", slower=1.2, bare=1.35))

    assert figure(comparison, "p50").change is Change.MACHINE
    assert not comparison.worse


def test_three_seconds_are_too_short_to_tell() -> None:
    """Nothing is said of them, whatever they show."""
    comparison = between(written("a", seconds=3), written("b", seconds=3, slower=5.0))

    assert {one.change for one in comparison.differences if one.unit} == {Change.SHORT}
    assert not comparison.worse


def test_where_it_may_be_slow_nothing_is_held_against_it() -> None:
    """It is said that the stage became slower, but the run is not worse for it."""
    slow = replace(GOOD, seconds=20.0, may_be_slow=True)
    before, after = written("a"), written("b", slower=2.0)
    stages = loaded(slow).stages
    comparison = between(replace(before, stages=stages), replace(after, stages=stages))

    assert figure(comparison, "p50").change is Change.WORSE
    assert not comparison.worse


@pytest.mark.parametrize(
    "changes, words",
    [
        ({"processor_share": 0.3}, "machine was busy"),
        ({"resources": (("stolen seconds", 0.0, 7.0), ("stolen seconds", 5.0, 9.0))}, "took 40%"),
        ({"bare": ()}, "what the machine could do"),
        ({"problem": "only 1 of 2 processes told everything"}, "only 1 of 2"),
        ({"seconds": ()}, "nothing was measured"),
    ],
)
def test_a_load_that_proves_nothing_is_not_compared(changes: dict[str, Any], words: str) -> None:
    """It is said which one and why; no figure of it is shown."""
    comparison = between(written("a"), replace(written("b", slower=3.0), **changes))

    assert not comparison.differences
    assert words in comparison.untold[0]
    assert not comparison.worse


def test_a_load_that_was_not_reached_is_not_compared() -> None:
    """A run that has no evidence of it does not pass for an equal one."""
    comparison = compare(run("a", written("a")), run("b", None))

    assert comparison.untold == (f"{LOAD} of b: nothing was measured",)


def test_a_finding_that_failed_since_is_worse_and_the_other_way_better() -> None:
    """Changed findings are told with both words; equal ones are not."""
    good, bad = run("a", written("a")), run("b", written("a"), outcome=Outcome.FAIL)

    assert compare(good, bad).findings[0].change is Change.WORSE
    assert compare(good, bad).worse
    assert compare(bad, good).findings[0].change is Change.BETTER
    assert not compare(bad, good).worse
    assert not compare(good, run("c", written("a"))).findings


REFUSED = {
    "another target": (run("b", written("b"), target="other"), "their target differs"),
    "another profile": (run("b", written("b"), profile="full"), "their profile differs"),
    "another scenario": (run("b", written("b"), steps=()), "only one of them has load.steady"),
    "other stages": (run("b", written("b", seconds=30)), "the stages of load.steady are others"),
    "damaged": (
        run("b", written("b"), damage="it was changed"),
        "b proves nothing: it was changed",
    ),
    "itself": (run("a", written("a")), "twice the same run"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_compared_is_refused_with_a_sentence(name: str) -> None:
    """Whichever of the two comes first."""
    other, words = REFUSED[name]
    mine = run("a", written("a"))
    for pair in ((mine, other), (other, mine)):
        with pytest.raises(LedgerError, match=words):
            compare(*pair)


def test_a_variant_is_the_same_target_and_said_to_differ() -> None:
    """What a seeded defect changes can be compared with the deployment without it."""
    variant = run("b", written("b"), target="shop (variant: no_aof)")

    assert compare(run("a", written("a")), variant).notes == (
        "target was shop, and is shop (variant: no_aof)",
    )


def test_the_size_is_that_of_hodges_and_lehmann() -> None:
    """On values worked out by hand: of a hundred ratios the median, the 24th and the 77th. Three
    seconds have no bounds.
    """
    assert shift([1.0, 2.0, 4.0], [2.0, 4.0, 8.0], 0.95) is None
    found = shift([1.0, 2.0] * 5, [2.0, 4.0] * 5, 0.95)

    assert found is not None
    assert (found.times, found.low, found.high) == (2.0, 1.0, 4.0)


def test_seconds_that_are_alike_make_chance_wider() -> None:
    """Independent values nearly not; those that carry on most of the one before about three times,
    as (1 + 0.8) / (1 - 0.8) says.
    """
    chance = Random("s")
    independent = [chance.random() for _ in range(200)]
    carried = [1.0]
    for _ in range(200):
        carried.append(0.8 * carried[-1] + chance.gauss(0, 1))

    assert widening_of([independent]) < 1.15
    assert 2.3 < widening_of([carried]) < 3.5


def test_fishers_test_gives_the_known_probability() -> None:
    """The lady who tasted tea: 3 of 4 right has a two-sided probability of 0.4857."""
    assert likely_by_chance(3, 4, 1, 4) == pytest.approx(0.4857, abs=0.0001)
    assert likely_by_chance(0, 9, 0, 9) == 1.0
    assert likely_by_chance(0, 20, 20, 20) < 1e-9


def test_bad_seconds_in_a_row_are_one_episode() -> None:
    """Two rows of bad seconds, however long."""
    assert episodes([True, True, False, True, False]) == 2
    assert episodes([]) == 0
