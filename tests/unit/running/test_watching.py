"""When a watch looks: at a desk of memory, with a clock that a test sets."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from golive.model.monitoring.records import Checked, Kind, Probe, Span, WatchHistory, WatchOrder
from golive.model.monitoring.schedule import Phase, Schedule
from golive.running.watching import Moment, Watch

SCHEDULE = Schedule("hour", (Phase(hours=1, every_minutes=15),), "an hour")
ORDER = WatchOrder(SCHEDULE, "2026-01-05T08:00:00+00:00")
WINDOW = replace(ORDER, maintenance=(Span(1000.0, 1800.0),))


@dataclass
class Desk:
    """What was written down, and what time it is."""

    order: WatchOrder = ORDER
    now: float = 0.0
    checks: tuple[Checked, ...] = ()
    sessions: tuple[float, ...] = (0.0,)
    ended: tuple[int, ...] | None = None
    probes: list[Probe] = field(default_factory=list)

    @property
    def history(self) -> WatchHistory:
        """All of it."""
        known = (self.order, (), self.checks, (), self.sessions, self.now)
        return WatchHistory(*known, ended=self.ended)

    def now_seconds(self) -> float:
        """As the test has set it."""
        return self.now

    def keep_probe(self, probe: Probe) -> None:
        """Nobody probes here."""
        raise AssertionError(probe)


def made(*dues: float, kind: Kind = Kind.DUE) -> tuple[Checked, ...]:
    """Checks that were made when they were due."""
    return tuple(
        Checked(number, kind, at, at, None)  # type: ignore[arg-type]
        for number, at in enumerate(dues, start=1)
    )


def asked() -> Probe:
    """Never called: these watches do not run."""
    raise AssertionError


def upcoming(desk: Desk) -> Moment | None:
    """What the watch would do next."""
    return Watch(desk, asked, lambda *_: None)._next()


def kinds(desk: Desk, moments: Sequence[float]) -> list[tuple[float, Kind]]:
    """What it does at these times, where everything due is made at once."""
    done = []
    for at in moments:
        desk.now = at
        watch = Watch(desk, asked, lambda *_: None)
        while (moment := watch._next()) and moment.at_seconds <= at:
            done.append((moment.at_seconds, moment.kind))
            number = len(desk.checks) + 1
            one = Checked(number, moment.kind, moment.at_seconds, at, None)  # type: ignore[arg-type]
            desk.checks = (*desk.checks, one)
            watch = Watch(desk, asked, lambda *_: None)
    return done


def test_the_next_check_is_the_next_that_is_due() -> None:
    """Of several that are overdue the latest is made, and the others are missed."""
    assert upcoming(Desk(now=10.0)) == Moment(900.0, Kind.DUE)
    assert upcoming(Desk(now=2000.0)) == Moment(1800.0, Kind.DUE)
    assert upcoming(Desk(now=2000.0, checks=made(900.0, 1800.0))) == Moment(2700.0, Kind.DUE)
    assert upcoming(Desk(now=3601.0, checks=made(900.0, 1800.0, 2700.0, 3600.0))) is None


def test_maintenance_has_a_check_before_it_and_one_after_it() -> None:
    """What happened until it began is judged; what it counted is held against nobody. One that is
    due as it ends comes behind that.
    """
    desk = Desk(WINDOW)

    assert kinds(desk, [900.0, 970.0, 1700.0, 1800.0]) == [
        (900.0, Kind.DUE),
        (970.0, Kind.LAST),
        (1800.0, Kind.START),
        (1800.0, Kind.DUE),
    ]


def test_whoever_comes_late_still_begins_anew_after_maintenance() -> None:
    """The check that is overdue is not held to what happened meanwhile."""
    desk = Desk(WINDOW, checks=made(900.0, 970.0))

    assert kinds(desk, [1850.0]) == [(1800.0, Kind.START), (1800.0, Kind.DUE)]


def test_what_was_due_while_nobody_watched_stays_missed() -> None:
    """Made a moment late it counts; an hour late it would show what nobody has seen."""
    late = Desk(now=1850.0, checks=made(900.0), sessions=(0.0, 1850.0))
    gone = Desk(now=2600.0, checks=made(900.0), sessions=(0.0, 2600.0))

    assert upcoming(late) == Moment(1800.0, Kind.DUE)
    assert upcoming(gone) == Moment(2700.0, Kind.DUE)
    assert Watch(gone, asked, lambda *_: None)._has_missed()
    assert not Watch(late, asked, lambda *_: None)._has_missed()


def test_a_check_that_a_kill_has_torn_is_made_again() -> None:
    """One of its scenarios was written down, and it did not come to its end."""
    torn = Desk(now=910.0, checks=made(900.0), ended=(), sessions=(0.0, 905.0))

    assert upcoming(torn) == Moment(900.0, Kind.DUE)
    assert torn.history.missed == (900.0,)
