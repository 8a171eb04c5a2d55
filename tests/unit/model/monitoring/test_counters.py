"""Differences of counters and histograms between two looks."""

from dataclasses import dataclass

import pytest

from golive.model.monitoring.counters import Increase, Spread, increase, latest, pairs, total


@dataclass(frozen=True)
class Look:
    """A look at a place."""

    at_seconds: float
    place: str
    count: float = 0.0


def test_counters_that_grow_are_subtracted() -> None:
    """The increase is what was counted between the looks."""
    assert increase((10, 5), (13, 5)) == Increase((3, 0))


def test_a_counter_that_shrank_was_started_again() -> None:
    """What it counts now is counted since its start, and is a lower bound."""
    assert increase((100,), (7,)) == Increase((7,), restarts=1)


def test_a_restart_is_seen_even_where_the_counter_has_overtaken_itself() -> None:
    """A process with another start time counts from zero, whatever the figures look like."""
    assert increase((5,), (9,), is_same_process=False) == Increase((9,), restarts=1)


def test_nodes_are_added_up() -> None:
    """A node that is new on one side counts with what it has."""
    assert total([Increase((1, 2)), Increase((3, 4), 1)]) == Increase((4, 6), 1)
    assert total([]) == Increase((), 0)


def test_looks_are_paired_by_place() -> None:
    """Each place with its own look before, though it be older than the others'."""
    one, two = Look(0, "api-1"), Look(0, "api-2")
    missing, there = Look(10, "api-1"), Look(20, "api-2")
    seen = [one, two, missing, Look(20, "api-1"), there]

    assert latest(seen) == (Look(20, "api-1"), there)
    assert pairs(seen) == ((missing, Look(20, "api-1")), (two, there))


def test_a_first_look_has_no_pair() -> None:
    """There is nothing to compare with."""
    assert pairs([Look(0, "api-1"), Look(0, "api-2")]) == ()


BOUNDS = (0.05, 0.1, 0.2)


@pytest.mark.parametrize(
    "counts,low,high",
    [
        ((95, 100, 100, 100), 0.0, 0.05),
        ((94, 100, 100, 100), 0.05, 0.1),
        ((0, 94, 100, 100), 0.1, 0.2),
        ((0, 0, 94, 100), 0.2, float("inf")),
    ],
)
def test_p95_lies_in_the_bucket_that_reaches_it(
    counts: tuple[float, ...], low: float, high: float
) -> None:
    """Exactly 95 of 100 within a bound are enough, 94 are not."""
    found = Spread(BOUNDS, counts).quantile(0.95)

    assert (found.low, found.high) == (low, high)
    assert low <= found.about <= high
