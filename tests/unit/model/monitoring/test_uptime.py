"""Uptime and burn of the error budget on hand-written probes."""

import pytest

from golive.model.monitoring.burn import budget, burns
from golive.model.monitoring.records import Probe, Span
from golive.model.monitoring.uptime import State, Stretch, Uptime, uptime
from golive.model.slo import ErrorBudget

MINUTE = 60.0
HOUR = 3600.0
THREE_NINES = ErrorBudget(availability=0.999, window_days=30)


def probes(until: float, *down: tuple[float, float], every: float = 30.0) -> list[Probe]:
    """A probe every half minute; those in a time that is down fail."""
    moments = [every * number for number in range(int(until / every) + 1)]
    return [
        Probe(at, at, 2.0, "refused" if any(a <= at < b for a, b in down) else "") for at in moments
    ]


def test_an_outage_between_two_checks_is_counted_to_the_minute() -> None:
    """Fourteen minutes and 24 seconds of a day are 99 %, wherever the checks were."""
    seen = uptime(probes(24 * HOUR, (HOUR, HOUR + 864)), 24 * HOUR, 90)

    assert seen.seconds(State.DOWN) == pytest.approx(864, abs=30)
    assert seen.ratio == pytest.approx(0.99, abs=0.0004)
    assert [round(one.begins_seconds / MINUTE) for one in seen.outages] == [60]


def test_two_outages_are_two() -> None:
    """Each has its own begin and end; the first failed probe gives the reason."""
    seen = uptime(probes(HOUR, (600, 690), (1200, 1260)), HOUR, 90)

    assert [(one.begins_seconds, one.ends_seconds) for one in seen.outages] == [
        (585, 675),
        (1185, 1245),
    ]
    assert seen.outages[0].reason == "refused"


def test_time_that_nobody_watched_is_neither_up_nor_down() -> None:
    """Nobody was there for an hour: the ratio is that of the rest."""
    watched = [
        one for one in probes(3 * HOUR, (0, 108)) if not HOUR < one.begins_seconds < 2 * HOUR
    ]
    seen = uptime(watched, 3 * HOUR, 90)

    assert seen.seconds(State.UNWATCHED) == pytest.approx(HOUR, abs=31)
    assert seen.ratio == pytest.approx(1 - 105 / 7200, abs=0.001)


def test_no_probe_is_no_uptime() -> None:
    """What nobody watched was not up."""
    seen = uptime([], HOUR, 90)

    assert seen.ratio is None
    assert seen.seconds(State.UNWATCHED) == HOUR


def test_maintenance_counts_against_nothing() -> None:
    """An outage inside an announced time is no outage; what sticks out of it is one."""
    span = Span(HOUR, HOUR + 600, "database")
    seen = uptime(probes(2 * HOUR, (HOUR, HOUR + 900)), 2 * HOUR, 90, [span])

    assert seen.seconds(State.MAINTENANCE) == 600
    assert seen.seconds(State.DOWN) == pytest.approx(285, abs=1)
    assert len(seen.outages) == 1


def test_a_probe_that_takes_long_is_down_as_long_as_it_took() -> None:
    """A time-out of ten minutes (in a rehearsal) is no blindness."""
    slow = [Probe(0, 1, 1.0), Probe(30, 630, 5000.0, "no answer in time"), Probe(640, 641, 1.0)]
    seen = uptime(slow, 641, 90)

    assert seen.seconds(State.UNWATCHED) == 0
    assert seen.seconds(State.DOWN) == pytest.approx(600, abs=20)


def rates(*down: tuple[float, float], now: float) -> list[tuple[bool, bool]]:
    """Of each pair of windows whether it burns, and whether it is filled."""
    seen = uptime(probes(now, *down), now, 90)
    return [(one.is_burning, one.is_filled) for one in burns(seen, THREE_NINES, now)]


def test_an_outage_of_now_burns_all_windows() -> None:
    """Ten minutes of outage at the end of six hours: all three pairs."""
    now = 6 * HOUR
    assert rates((now - 600, now + 1), now=now) == [(True, True), (True, True), (True, False)]


def test_an_outage_that_is_over_burns_the_long_pairs_only() -> None:
    """Twenty minutes after its end the five-minute window is clean, the half hour is not."""
    now = 6 * HOUR
    down = (now - 1800, now - 1200)
    assert [burning for burning, _ in rates(down, now=now)] == [False, True, True]


def test_an_outage_of_yesterday_burns_nothing_but_the_budget() -> None:
    """Seven hours later every short window is clean; the minutes stay spent."""
    now = 12 * HOUR
    seen = uptime(probes(now, (HOUR, HOUR + 1296)), now, 90)

    assert not any(one.is_burning for one in burns(seen, THREE_NINES, now))
    assert budget(seen, THREE_NINES).left_ratio == pytest.approx(0.5, abs=0.01)


def test_the_rate_is_exact() -> None:
    """36 seconds of an hour at 99.9 % are ten times too fast."""
    seen = Uptime((Stretch(0, 3564, State.UP), Stretch(3564, 3600, State.DOWN)))
    first = burns(seen, THREE_NINES, 3600)[0]

    assert first.long_rate == pytest.approx(10.0)
    assert first.short_rate == pytest.approx(120.0)
    assert not first.is_burning


def test_nothing_watched_burns_nothing_and_is_not_filled() -> None:
    """Without a probe there is no rate, rather than one of zero."""
    first = burns(uptime([], HOUR, 90), THREE_NINES, HOUR)[0]

    assert first.long_rate is None
    assert not first.is_filled
