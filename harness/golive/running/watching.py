"""Makes the checks of a watch when they are due, and probes lightly all the time between."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from threading import Event, Thread
from typing import Protocol

from golive.model.monitoring.records import Kind, Probe, WatchHistory, WatchOrder

FLIPS_AFTER = 2
"""So many probes that say otherwise are a change, and call for a check at once."""
LEAST_APART_REAL_SECONDS = 1.0
"""Checks that probes called for are at least so far from the check before."""
POLL_REAL_SECONDS = 0.5


class WatchClock:
    """The time of a watch: real seconds since it began, times its scale.

    The wall clock says how long it has been under way; from then on it counts monotonically.
    """

    def __init__(self, elapsed_real_seconds: float, scale: float) -> None:
        self._scale = scale
        self._zero = time.monotonic() - elapsed_real_seconds

    def __call__(self) -> float:
        """Seconds of the watch."""
        return (time.monotonic() - self._zero) * self._scale


class Desk(Protocol):
    """Where a watch is written down."""

    @property
    def order(self) -> WatchOrder:
        """What the watch was asked to do."""

    @property
    def history(self) -> WatchHistory:
        """All that was written down so far."""

    def now_seconds(self) -> float:
        """The time of the watch."""

    def keep_probe(self, probe: Probe) -> None:
        """Save a light probe."""


@dataclass(frozen=True)
class Moment:
    """When the next check is to be made, and why."""

    at_seconds: float
    kind: Kind


class Watch:
    """A watch under way. `look` makes one check: its number, why, and when it was due."""

    def __init__(
        self, desk: Desk, ask: Callable[[], Probe], look: Callable[[int, Kind, float], None]
    ) -> None:
        self._desk = desk
        self._look = look
        self._called = Event()
        self._prober = _Prober(desk, ask, self._called)
        before = desk.history.checks
        self._number = max((one.number for one in before), default=0)
        self._last_seconds = max((one.at_seconds for one in before), default=-1.0)

    def run(self) -> bool:
        """Watch until the schedule is over; False when interrupted."""
        self._prober.begin()
        try:
            if self._number == 0:
                self._check(Moment(0.0, Kind.START))
            while (moment := self._next()) is not None:
                if self._is_called_before(moment.at_seconds):
                    moment = Moment(self._desk.now_seconds(), Kind.CALLED)
                self._check(moment)
        except KeyboardInterrupt:
            return False
        finally:
            self._prober.stop()
        return True

    def _next(self) -> Moment | None:
        """The check that is due and the latest, or else the one that comes next."""
        history, now = self._desk.history, self._desk.now_seconds()
        schedule = self._desk.order.schedule
        made = max(history.made, default=0.0)
        open_now = [at for at in schedule.due_seconds if made < at <= now]
        if open_now:
            return Moment(open_now[-1], Kind.DUE)
        coming = [Moment(at, Kind.DUE) for at in schedule.due_seconds if at > now]
        # What maintenance has counted must not be held against the time after it.
        coming += [
            Moment(span.ends_seconds, Kind.START)
            for span in self._desk.order.maintenance
            if self._last_seconds < span.ends_seconds < schedule.seconds
        ]
        return min(coming, key=lambda one: one.at_seconds, default=None)

    def _is_called_before(self, at_seconds: float) -> bool:
        """Wait; True where the probes have called for a check meanwhile."""
        scale = self._desk.order.scale
        earliest = self._last_seconds + LEAST_APART_REAL_SECONDS * scale
        while (now := self._desk.now_seconds()) < at_seconds:
            left = (at_seconds - now) / scale
            if self._called.is_set() and now >= earliest:
                if not self._desk.order.in_maintenance(now):
                    self._called.clear()
                    return True
                # It is answered when maintenance is over.
                time.sleep(min(left, POLL_REAL_SECONDS))
            elif self._called.is_set():
                time.sleep(min(left, (earliest - now) / scale))
            else:
                self._called.wait(min(left, POLL_REAL_SECONDS))
        return False

    def _check(self, moment: Moment) -> None:
        self._number += 1
        self._last_seconds = self._desk.now_seconds()
        self._look(self._number, moment.kind, moment.at_seconds)


class _Prober:
    """Asks lightly all the time, in a thread of its own: a slow check must not blind it."""

    def __init__(self, desk: Desk, ask: Callable[[], Probe], called: Event) -> None:
        self._desk = desk
        self._ask = ask
        self._called = called
        self._enough = Event()
        self._is_up = True
        self._otherwise = 0
        self._thread = Thread(target=self._probe_all, daemon=True)

    def begin(self) -> None:
        """Probe in the background."""
        self._thread.start()

    def stop(self) -> None:
        """Probe no more."""
        self._enough.set()
        self._thread.join()

    def _probe_all(self) -> None:
        order = self._desk.order
        every = order.probe_seconds / order.scale
        due = time.monotonic()
        while not self._enough.is_set():
            probe = self._ask()
            self._desk.keep_probe(probe)
            self._notice(is_up=not probe.wrong)
            due = max(due + every, time.monotonic())
            self._enough.wait(due - time.monotonic())

    def _notice(self, *, is_up: bool) -> None:
        self._otherwise = self._otherwise + 1 if is_up is not self._is_up else 0
        if self._otherwise == FLIPS_AFTER:
            self._is_up, self._otherwise = is_up, 0
            self._called.set()
