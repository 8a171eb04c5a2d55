"""Drills: their schedules repeat by seed, and everything that is broken is healed."""

from collections.abc import Iterator
from contextlib import contextmanager
from random import Random
from threading import Event
from time import monotonic
from types import SimpleNamespace

import pytest

from golive.api.planning import once_more, planned_deliveries
from golive.api.striking import Striker
from golive.errors import HealError, NotSupervisedError, UnobservableError
from golive.model.drill import Workload
from golive.model.fault import Fault, Injection, Window, windows
from golive.model.notification import Notification

INJECTION = Injection(
    "cut", before="redis", times=4, lasting_seconds=(0.2, 0.4), apart_seconds=(0.1, 0.9)
)
LONG = (Window(0.0, 30.0),)


@pytest.fixture
def gate() -> SimpleNamespace:
    """A gate that can make notifications."""
    numbers = iter(range(100_000))

    def sample(status: str) -> Notification:
        return Notification(f"id-{next(numbers)}", "t", status, 1000)

    return SimpleNamespace(webhook=SimpleNamespace(sample=sample))


def test_the_same_seed_gives_the_same_windows() -> None:
    """Length and distance are within their bounds, and another seed gives others."""
    one, two, other = (windows(INJECTION, Random(seed).uniform) for seed in ("a", "a", "b"))

    assert one == two != other
    ends = [0.0, *(window.end_seconds for window in one)]
    for window, before in zip(one, ends, strict=False):
        assert 0.1 <= window.start_seconds - before <= 0.9001
        assert 0.2 <= window.end_seconds - window.start_seconds <= 0.4001


def test_the_same_seed_gives_the_same_workload(gate) -> None:
    """Times, kinds, orders and repetitions are drawn by the seed; ids belong to the run."""
    workload = Workload(
        notifications=60,
        followed_by=("refunded", "chargeback/chargebacked"),
        forged=0.3,
        poison=0.2,
    )

    def drawn(seed: str) -> list[tuple[float, str, str, bool]]:
        planned = planned_deliveries(gate, workload, Random(seed))
        return [(one.due_seconds, one.what, one.kind, one.again) for one in planned]

    assert drawn("a") == drawn("a") != drawn("b")
    assert {kind for _, _, kind, _ in drawn("a")} == {"sale", "forged", "poison"}


def test_once_more_is_every_honest_notification_plainly(gate) -> None:
    """A second round sends the same ids, no forgeries and no copies."""
    workload = Workload(notifications=20, at_once=3, forged=0.5, conflicting=0.5)
    planned = planned_deliveries(gate, workload, Random("a"))

    again = once_more(planned)

    honest = {one.notification for one in planned if one.kind == "sale"}
    assert {one.notification for one in again} == honest
    assert all(one.copies == 1 and not one.contradicted for one in again)


class Breakage:
    """Something that can be broken; records what happened to it."""

    def __init__(self, *, entry: Exception | None = None, leaving: Exception | None = None) -> None:
        self.events: list[str] = []
        self.entered = Event()
        self._entry, self._leaving = entry, leaving

    @contextmanager
    def __call__(self, *_: object) -> Iterator[None]:
        if self._entry:
            raise self._entry
        self.events.append("broken")
        self.entered.set()
        try:
            yield
        finally:
            self.events.append("healed")
        if self._leaving:
            raise self._leaving


def striker() -> Striker:
    """A striker with a clock that began now."""
    began = monotonic()
    return Striker(None, lambda: monotonic() - began)  # type: ignore[arg-type]


def test_stopping_heals_at_once() -> None:
    """A fault that would be there for half a minute is gone when the drill is called off."""
    breakage, faults = Breakage(), striker()
    faults.begin(INJECTION, Fault("", breakage, "cut"), LONG, 0.0)
    assert breakage.entered.wait(10)

    faults.stop()

    assert breakage.events == ["broken", "healed"]
    assert faults.strikes[0].end_seconds < 30


def test_a_striker_that_was_stopped_strikes_again() -> None:
    """What follows a workload is not passed over because the faults before it were ended."""
    breakage, faults = Breakage(), striker()
    faults.stop()
    faults.begin(INJECTION, Fault("", breakage, "cut"), (Window(0.0, 0.01),), 0.0)

    faults.wait()

    assert breakage.events == ["broken", "healed"]


def test_a_fault_that_cannot_begin_is_told_to_whoever_waits() -> None:
    """The drill must not go on as if it had struck."""
    error, faults = UnobservableError("toxiproxy", "away"), striker()
    faults.begin(INJECTION, Fault("", Breakage(entry=error), "cut"), LONG, 0.0)

    with pytest.raises(UnobservableError):
        faults.wait()


def test_a_fault_that_does_not_heal_is_raised_and_recorded() -> None:
    """The loudest error there is, with the strike that caused it."""
    error, faults = HealError("the proxy is still down"), striker()
    faults.begin(INJECTION, Fault("", Breakage(leaving=error), "cut"), (Window(0.0, 0.01),), 0.0)
    faults.wait()

    with pytest.raises(HealError):
        faults.raise_what_stayed_broken()
    assert faults.strikes[0].problem == "the proxy is still down"


def test_a_process_that_needs_help_is_a_problem_of_the_strike() -> None:
    """It is up again, so the drill goes on, but the finding will say it."""
    error, faults = NotSupervisedError("it did not come back by itself"), striker()
    faults.begin(INJECTION, Fault("", Breakage(leaving=error), "kill"), (Window(0.0, 0.01),), 0.0)

    faults.wait()

    assert faults.strikes[0].problem == "it did not come back by itself"
