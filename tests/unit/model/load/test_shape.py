"""Schedules: how many requests are due, when, what they are, and whose."""

from collections import Counter
from itertools import pairwise
from random import Random

import pytest

from golive.model.load.shape import due as due_in
from golive.model.load.shape import evenly, hold, largest_rate, ramp, seconds_of, steps
from golive.model.load.traffic import (
    FIRST,
    LATER,
    NEW_ALONE,
    Kind,
    LoadPlan,
    Signing,
    arrivals,
    fields_of,
    share_of,
    unique_id_of,
)
from golive.model.notification import signature_of

SIGNING = Signing("run/step", "golive-1", "password", "sha1")
MIXED = LoadPlan(stages=(hold(200, 50),))


def test_a_constant_rate_is_evenly_spaced() -> None:
    """Fifty a second are due 20 ms apart, and a stage holds all of its own."""
    times = [seconds for _, seconds in due_in((hold(50, 2),), evenly, 0.5)]

    assert len(times) == 100
    assert {round(there - here, 6) for here, there in pairwise(times)} == {0.02}


def test_a_ramp_holds_the_area_under_its_line() -> None:
    """0 to 50 in a minute is 1500 requests: a quarter of them in the first half."""
    times = [seconds for _, seconds in due_in((ramp(0, 50, 60),), evenly, 0.5)]

    assert len(times) == 1500
    assert sum(seconds < 30 for seconds in times) == 375
    assert times == sorted(times)


def test_a_ramp_to_nothing_ends() -> None:
    """The last request of a falling ramp is due before its end."""
    times = [seconds for _, seconds in due_in((ramp(100, 0, 60),), evenly, 0.5)]

    assert len(times) == 3000
    assert times[-1] < 60


def test_stages_follow_one_another() -> None:
    """The epic's nine minutes have each stage at its time and with its own number of requests."""
    epic = (ramp(0, 50, 60), hold(50, 180), ramp(50, 100, 60), hold(100, 180), ramp(100, 0, 60))
    found = list(due_in(epic, evenly, 0.5))

    assert Counter(stage for stage, _ in found) == {0: 1500, 1: 9000, 2: 4500, 3: 18000, 4: 3000}
    assert min(seconds for stage, seconds in found if stage == 1) >= 60
    assert seconds_of(epic) == 540
    assert largest_rate(epic) == 100


def test_steps_rise_to_the_last_one() -> None:
    """The steps of a search have one rate each."""
    assert [one.to_per_second for one in steps(50, 200, 50, 8)] == [50, 100, 150, 200]


def test_chance_makes_a_poisson_process() -> None:
    """Counts of seconds vary as much as they are large; evenly spaced ones would not vary."""
    plan = LoadPlan(stages=(hold(100, 400),), mix=NEW_ALONE)
    seconds = Counter(int(one.due_seconds) for one in arrivals(plan, Random("s")))
    counts = [seconds[number] for number in range(400)]
    mean = sum(counts) / 400
    variance = sum((count - mean) ** 2 for count in counts) / 400

    assert mean == pytest.approx(100, rel=0.02)
    assert variance / mean == pytest.approx(1, rel=0.25)


def test_the_same_seed_gives_the_same_load() -> None:
    """Times and kinds are drawn by the seed alone."""
    one, two, other = (list(arrivals(MIXED, Random(seed))) for seed in ("a", "a", "b"))

    assert one == two != other


def test_the_mix_has_its_shares() -> None:
    """About four of five are new, one of ten is a duplicate."""
    counts = Counter(one.kind for one in arrivals(MIXED, Random("s")))
    total = counts.total()

    assert counts[Kind.NEW] / total == pytest.approx(0.8, abs=0.02)
    assert counts[Kind.DUPLICATE] / total == pytest.approx(0.1, abs=0.02)
    assert set(counts) == set(Kind)


def test_duplicates_are_about_what_was_sent_before() -> None:
    """A duplicate and a chargeback name an earlier payment; what comes last may come first."""
    found = list(arrivals(MIXED, Random("s")))
    sales = {one.number for one in found if one.kind is Kind.NEW}
    turned = [one for one in found if one.kind is Kind.OUT_OF_ORDER]

    for one in found:
        if one.kind in (Kind.DUPLICATE, Kind.CHARGEBACK):
            assert one.about in sales
            assert one.about < one.number
    for late, early in zip(turned[::2], turned[1::2], strict=False):
        assert (late.what, early.what) == (LATER, FIRST)
        assert late.about == early.about


def test_only_forged_ones_are_signed_wrongly() -> None:
    """Every kind carries the signature of its own id, but for the forged ones."""
    for one in arrivals(LoadPlan(stages=(hold(200, 5),)), Random("s")):
        form = fields_of(one, SIGNING)
        unique_id = form.get("unique_id") or form["wpf_unique_id"]
        right = form["signature"] == signature_of(unique_id, "password", "sha1")

        assert right is (one.kind is not Kind.FORGED)
        assert ("wpf_unique_id" in form) is (one.kind is Kind.WPF)


def test_no_two_runs_share_a_payment() -> None:
    """Ids come from the run, not from the seed that is used again."""
    assert unique_id_of("run-1/step", 7) != unique_id_of("run-2/step", 7)
    assert len(unique_id_of("run-1/step", 7)) == 32


@pytest.mark.parametrize("workers", [1, 2, 3, 7])
def test_shares_are_everything_once(workers: int) -> None:
    """However many workers there are, each arrival belongs to one of them."""
    for number in range(100):
        assert sum(share_of(number, index, workers) for index in range(workers)) == 1
