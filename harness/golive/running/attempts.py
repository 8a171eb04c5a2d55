"""Tries several things at once, and waits for none of them longer than for all."""

import time
from collections.abc import Callable, Mapping
from threading import Thread


def attempt_all(
    probes: Mapping[str, Callable[[], None]], within_seconds: float
) -> dict[str, BaseException]:
    """What went wrong, by name; a probe that does not end in time, TimeoutError.

    Such a probe is left behind in a daemon thread: a target that sends a byte now and then would
    satisfy every time-out of a socket, and must not keep the run, or the end of the process.
    """
    errors: dict[str, BaseException] = {}

    def attempt(name: str, probe: Callable[[], None]) -> None:
        try:
            probe()
        except BaseException as error:  # noqa: BLE001 - handed to whoever needs what was probed
            errors.setdefault(name, error)

    threads = {
        name: Thread(target=attempt, args=(name, probe), daemon=True)
        for name, probe in probes.items()
    }
    for thread in threads.values():
        thread.start()
    end = time.monotonic() + within_seconds
    for name, thread in threads.items():
        thread.join(max(0.0, end - time.monotonic()))
        if thread.is_alive():
            errors.setdefault(name, TimeoutError(f"no whole answer within {within_seconds:g} s"))
    return dict(errors)
