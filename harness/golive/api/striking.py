"""Breaks and heals by schedule, each fault in a thread of its own."""

from collections.abc import Callable, Sequence
from threading import Event, Thread

from golive.errors import HealError, NotSupervisedError
from golive.model.fault import Fault, FaultsPort, Injection, Window
from golive.model.history.records import Strike

JOIN_SECONDS = 120.0


class Striker:
    """The faults of one drill. `strikes` are those that were there, by the time of their end."""

    def __init__(self, faults: FaultsPort, clock: Callable[[], float]) -> None:
        self.strikes: list[Strike] = []
        self._faults = faults
        self._clock = clock
        self._enough = Event()
        self._threads: list[Thread] = []
        self._errors: list[Exception] = []

    def begin(
        self, injection: Injection, fault: Fault, when: Sequence[Window], start_seconds: float
    ) -> None:
        """Strike in the background, in windows that count from `start_seconds`."""
        thread = Thread(
            target=self._strike_all, args=(injection, fault, when, start_seconds), daemon=True
        )
        self._threads.append(thread)
        thread.start()

    def wait(self) -> None:
        """Wait until the last fault has healed. Raises what kept a fault from being there."""
        for thread in self._threads:
            thread.join()
        self._threads.clear()
        for error in self._errors:
            if not isinstance(error, HealError):
                raise error

    def stop(self) -> None:
        """Heal now; strike no more."""
        self._enough.set()
        for thread in self._threads:
            thread.join(JOIN_SECONDS)
            if thread.is_alive():
                self._errors.append(HealError("a fault is still there: its end was not reached"))
        self._threads.clear()
        self._enough.clear()
        self.raise_what_stayed_broken()

    def last_heal_seconds(self) -> float:
        """When the last fault had healed; now, where there was none."""
        return max((strike.end_seconds for strike in self.strikes), default=self._clock())

    def raise_what_stayed_broken(self) -> None:
        """Raise the HealError of a fault that did not heal."""
        for error in self._errors:
            if isinstance(error, HealError):
                raise error

    def _strike_all(
        self, injection: Injection, fault: Fault, when: Sequence[Window], start_seconds: float
    ) -> None:
        try:
            for window in when:
                if self._enough.wait(start_seconds + window.start_seconds - self._clock()):
                    return
                self._strike(injection, fault, start_seconds + window.end_seconds)
        except Exception as error:  # noqa: BLE001 - raised again by whoever waits
            self._errors.append(error)

    def _strike(self, injection: Injection, fault: Fault, end_seconds: float) -> None:
        begun, problem = self._clock(), ""
        try:
            with fault.inject(self._faults, injection):
                self._enough.wait(end_seconds - self._clock())
        except NotSupervisedError as error:
            problem = error.message
        except HealError as error:
            problem = error.message
            raise
        finally:
            ended = round(self._clock(), 4)
            self.strikes.append(Strike(fault.id, injection.on, round(begun, 4), ended, problem))
