"""How sure a measured figure is."""

from random import Random

import pytest

from golive.model.load.statistics import ranks_around, slope


def test_the_ranks_enclose_a_percentile_as_often_as_they_say() -> None:
    """Of many samples about 95 of 100 intervals hold the true percentile."""
    chance = Random("s")
    low, high = ranks_around(1000, 0.95)
    held = 0
    for _ in range(400):
        values = sorted(chance.random() for _ in range(1000))
        held += values[low - 1] <= 0.95 <= values[high - 1]

    assert 0.92 <= held / 400 <= 0.99


def test_too_few_values_do_not_bound_a_percentile() -> None:
    """The upper rank of the 99th percentile of a hundred values is beyond the last one."""
    assert ranks_around(100, 0.99)[1] > 100


def test_a_leak_shows_through_noise() -> None:
    """A slope of 2 with noise and an outlier is found, and its interval does not hold 0."""
    chance = Random("s")
    points = [(float(at), 2.0 * at + chance.gauss(0, 20)) for at in range(100)]
    points[50] = (50.0, 10_000.0)
    middle, low, high = slope(points)

    assert middle == pytest.approx(2, abs=0.3)
    assert 0 < low < middle < high


def test_noise_alone_has_no_slope() -> None:
    """The interval of what only varies holds 0."""
    chance = Random("t")
    _, low, high = slope([(float(at), chance.gauss(100, 20)) for at in range(100)])

    assert low < 0 < high


def test_two_points_say_nothing() -> None:
    """With too few points there is no bound at all."""
    assert slope([(0.0, 1.0), (1.0, 2.0)])[1:] == (float("-inf"), float("inf"))
    assert slope([])[0] == 0
