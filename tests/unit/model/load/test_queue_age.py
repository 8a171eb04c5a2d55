"""The age of the queue's oldest job, by looks at it: what was seen, and what it cannot exceed."""

from dataclasses import replace
from math import inf

import pytest

from golive.model.load.knee import Knee
from golive.model.load.queue_age import oldest_job
from golive.model.load.records import Loaded
from golive.model.load.ruling import felt_within_slo
from golive.model.outcome import Outcome
from tests.unit.model.load.test_ruling import GOOD, SLO, loaded

PASS, FAIL, INCONCLUSIVE = Outcome


def watched(looks: dict[float, int], ages: dict[float, float] | None = None) -> Loaded:
    """Evidence of a load whose queue was looked at so."""
    return loaded(queue=tuple(looks.items()), queue_ages=tuple((ages or {}).items()))


def to_the_end(looks: dict[float, int]) -> dict[float, int]:
    """The same looks, and what the last of them saw until the stage is over."""
    last = max(looks)
    return looks | {float(at): looks[last] for at in range(int(last) + 1, 11)}


def test_an_empty_queue_has_no_old_job() -> None:
    """Between two looks a second apart a job can have waited for that second, not longer."""
    assert oldest_job(watched({1.0: 0, 2.0: 0}), GOOD) == (0.0, 1.0)


def test_what_a_job_says_of_itself_is_its_age_at_the_look_and_more_before_the_next() -> None:
    """Seen are 4 s; until the next look it may have become 5 s."""
    seen = watched({1.0: 9, 2.0: 9, 3.0: 0}, {1.0: 3.0, 2.0: 4.0})

    assert oldest_job(seen, GOOD) == (4.0, 5.0)


def test_where_nothing_is_told_it_is_the_time_since_the_queue_was_empty() -> None:
    """A queue that tells no times bounds the age all the same, once it was seen empty."""
    assert oldest_job(watched({1.0: 0, 2.0: 5, 3.0: 5, 4.0: 0}), GOOD) == (0.0, 3.0)
    assert oldest_job(watched({1.0: 5, 2.0: 5}), GOOD) == (0.0, inf)


def test_a_clock_that_goes_wrong_makes_no_job_older_than_it_can_be() -> None:
    """A job says an hour, but the queue was empty a second ago."""
    assert oldest_job(watched({1.0: 0, 2.0: 5}, {2.0: 3600.0}), GOOD) == (1.0, 1.0)


def test_only_the_looks_of_a_stage_count_for_it() -> None:
    """What waited before it and after it is another stage's."""
    later = replace(GOOD, began_seconds=10.0, seconds=2.0)
    seen = watched({1.0: 9, 8.0: 0, 9.5: 0, 11.0: 0, 12.0: 0, 20.0: 9}, {1.0: 60.0, 20.0: 8.0})

    assert oldest_job(seen, later)[0] == 0.0
    assert oldest_job(seen, later)[1] == pytest.approx(8.0)


AGES = {
    "within": ({1.0: 9, 2.0: 0}, {1.0: 2.0}, PASS, "within the limits"),
    "over": ({1.0: 9, 2.0: 0}, {1.0: 31.0}, FAIL, "waited for 31.0 s, the limit is 30 s"),
    "close": ({1.0: 9, 2.0: 0}, {1.0: 29.5}, INCONCLUSIVE, "may have waited for 30.5"),
    "not told": ({1.0: 9, 2.0: 9}, {}, INCONCLUSIVE, "never seen empty"),
}


@pytest.mark.parametrize("name", AGES)
def test_the_age_is_judged_with_its_interval(name: str) -> None:
    """Seen beyond the limit is FAIL, bounded within it PASS, neither INCONCLUSIVE."""
    looks, ages, outcome, words = AGES[name]
    ruling = felt_within_slo([watched(to_the_end(looks), ages)], SLO)

    assert (ruling.outcome, words in ruling.summary) == (outcome, True), ruling.summary


def test_the_figures_tell_value_interval_and_margin() -> None:
    """The limit of 30 s is ten times the 3 s that a job can have waited at most."""
    measured = felt_within_slo([watched({1.0: 9, 2.0: 0}, {1.0: 2.0})], SLO).measured

    assert measured["queue_age_low_s"] == 2.0
    assert measured["queue_age_high_s"] == 3.0
    assert measured["queue_age_margin_ratio"] == 10.0


def test_the_knee_is_where_jobs_wait_too_long() -> None:
    """A step whose jobs wait for a minute does not keep the SLO."""
    ruling = Knee(GOOD.to_per_second)([watched({1.0: 9, 2.0: 0}, {1.0: 60.0})], SLO)

    assert (ruling.outcome, ruling.measured["knee_per_second"]) == (FAIL, 0.0)
    assert "waited for 60.0 s" in ruling.summary
