"""Makes the checks of a watch when they are due, and probes lightly all the time between."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from threading import Event, Thread
from typing import Protocol

from golive.model.monitoring.records import Kind, Probe, WatchHistory, WatchOrder

FLIPS_AFTER = 2
"""So many probes that say otherwise are a change, and call for a check at once."""
LEAST_APART_REAL_SECONDS = 1.0
"""Checks that probes called for are at least so far from the check before."""
POLL_REAL_SECONDS = 0.5
PAUSE_REAL_SECONDS = 0.05


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
        # What was due earlier was missed while nobody watched, and stays missed.
        sessions = desk.history.sessions or (0.0,)
        self._here_since = sessions[-1] - desk.order.blind_seconds

    def run(self) -> bool:
        """Watch until the schedule is over; False when interrupted."""
        self._prober.begin()
        try:
            if self._number == 0:
                self._check(Moment(0.0, Kind.START))
            elif self._has_missed():
                self._check(Moment(self._desk.now_seconds(), Kind.CALLED))
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
        now, schedule = self._desk.now_seconds(), self._desk.order.schedule
        around = list(self._around_maintenance(now))
        # Whatever is due meanwhile must not be held to what maintenance has counted.
        if late := [one for one in around if one.at_seconds <= now]:
            return late[-1]
        made = max(self._desk.history.made, default=0.0)
        due = [at for at in schedule.due_seconds if at > max(made, self._here_since)]
        if open_now := [at for at in due if at <= now]:
            return Moment(open_now[-1], Kind.DUE)
        coming = [*around, *(Moment(at, Kind.DUE) for at in due)]
        return min(coming, key=lambda one: (one.at_seconds, one.kind is Kind.DUE), default=None)

    def _around_maintenance(self, now: float) -> Iterator[Moment]:
        """A last look before it, since nothing that happened until then is to be excused, and one
        after it to begin anew from.
        """
        order = self._desk.order
        for span in order.maintenance:
            begins = span.begins_seconds - order.probe_seconds
            if self._last_seconds < begins and now < span.begins_seconds:
                yield Moment(begins, Kind.LAST)
            if self._last_seconds < span.ends_seconds < order.schedule.seconds:
                yield Moment(span.ends_seconds, Kind.START)

    def _has_missed(self) -> bool:
        made = max(self._desk.history.made, default=0.0)
        due = self._desk.order.schedule.due_seconds
        return any(made < at <= self._here_since for at in due)

    def _is_called_before(self, at_seconds: float) -> bool:
        """Wait; True where the probes have called for a check meanwhile."""
        scale = self._desk.order.scale
        earliest = self._last_seconds + LEAST_APART_REAL_SECONDS * scale
        while (now := self._desk.now_seconds()) < at_seconds:
            left = (at_seconds - now) / scale
            has_seen = self._prober.seen_seconds > self._last_seconds
            if self._called.is_set() and has_seen and now >= earliest:
                if not self._desk.order.in_maintenance(now):
                    self._called.clear()
                    return True
                # It is answered when maintenance is over.
                time.sleep(min(left, POLL_REAL_SECONDS))
            elif self._called.is_set():
                # A check without a probe of its own could say nothing.
                time.sleep(min(left, max((earliest - now) / scale, PAUSE_REAL_SECONDS)))
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
        self.seen_seconds = -1.0
        """When the last probe had its answer."""
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
            self.seen_seconds = probe.ends_seconds
            self._notice(is_up=not probe.wrong)
            due = max(due + every, time.monotonic())
            self._enough.wait(due - time.monotonic())

    def _notice(self, *, is_up: bool) -> None:
        self._otherwise = self._otherwise + 1 if is_up is not self._is_up else 0
        if self._otherwise == FLIPS_AFTER:
            self._is_up, self._otherwise = is_up, 0
            self._called.set()
