"""Who gets how many workers: pure numbers."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reference_app.queueing.balance import Load, next_sizes, smoothed, wanted_sizes

waiting = st.integers(0, 100_000)
cost_s = st.floats(0, 600, allow_nan=False)


@st.composite
def groups(draw: st.DrawFn) -> tuple[list[Load], int, int]:
    """Queues with loads, and numbers to stay between."""
    count = draw(st.integers(1, 4))
    loads = [Load(f"queue-{n}", draw(waiting), draw(cost_s)) for n in range(count)]
    least = draw(st.integers(count, count + 5))
    return loads, least, draw(st.integers(least, least + 10))


@given(groups())
def test_wanted_stays_between_and_forgets_no_queue(group: tuple[list[Load], int, int]) -> None:
    """Whatever the loads: never below the least, never above the most, one for every queue."""
    loads, least, most = group
    sizes = wanted_sizes(loads, least, most)
    assert least <= sum(sizes.values()) <= most
    assert min(sizes.values()) >= 1
    assert set(sizes) == {load.queue for load in loads}


@given(groups(), st.integers(1, 100_000))
def test_a_longer_queue_never_gets_fewer(group: tuple[list[Load], int, int], more: int) -> None:
    """More of the same work is never answered with fewer workers."""
    loads, least, most = group
    first = loads[0]
    longer = [Load(first.queue, first.waiting + more, first.cost_s), *loads[1:]]
    assert (
        wanted_sizes(longer, least, most)[first.queue]
        >= wanted_sizes(loads, least, most)[first.queue]
    )


@given(groups())
def test_steps_are_small_and_arrive(group: tuple[list[Load], int, int]) -> None:
    """Each step starts and stops at most one worker, stays inside, and leads to what is wanted."""
    loads, least, most = group
    sizes = {load.queue: 1 for load in loads}
    sizes[loads[-1].queue] += least - len(loads)
    for _ in range(2 * most):
        after = next_sizes(sizes, loads, least, most)
        moves = [after[queue] - sizes[queue] for queue in sizes]
        assert sum(abs(move) for move in moves) <= 2
        assert all(-1 <= move <= 1 for move in moves)
        assert least <= sum(after.values()) <= most
        assert min(after.values()) >= 1
        sizes = after
    assert sizes == wanted_sizes(loads, least, most)


def test_time_counts_and_not_length() -> None:
    """Ten slow jobs get the workers, a thousand quick ones do not need them."""
    loads = [Load("quick", 1000, 0.0005), Load("slow", 10, 5.0)]
    assert wanted_sizes(loads, 2, 5) == {"quick": 1, "slow": 4}


def test_idle_group_shrinks_to_the_least_one_at_a_time() -> None:
    """What was needed yesterday is given back slowly."""
    loads = [Load("webhooks", 0, 0.01)]
    assert next_sizes({"webhooks": 5}, loads, 2, 5) == {"webhooks": 4}
    assert next_sizes({"webhooks": 2}, loads, 2, 5) == {"webhooks": 2}


def test_full_group_shifts_between_its_queues() -> None:
    """At the limit one queue's gain is the other's loss."""
    loads = [Load("billing", 0, 1.0), Load("reconciliation", 100, 1.0)]
    current = {"billing": 4, "reconciliation": 1}
    assert next_sizes(current, loads, 2, 5) == {"billing": 3, "reconciliation": 2}
    assert wanted_sizes(loads, 2, 5) == {"billing": 1, "reconciliation": 4}


@given(cost_s, st.integers(1, 1000), cost_s)
def test_mean_stays_between_what_was_and_what_is(before: float, jobs: int, each: float) -> None:
    """The running mean moves towards the new figure and not beyond."""
    after = smoothed(before, jobs, each * jobs)
    low, high = sorted((before, each))
    assert low - 1e-6 <= after <= high + 1e-6


@pytest.mark.parametrize("jobs", [0, -5])
def test_mean_ignores_counters_that_began_anew(jobs: int) -> None:
    """A flushed Redis counts from zero again; that is no run time."""
    assert smoothed(2.0, jobs, -7.0) == 2.0
