"""Stops a process in the middle of what it does (SIGSTOP): it holds its connections."""

from contextlib import AbstractContextManager

from golive.api import FaultsPort, Injection, fault


@fault
def pause(faults: FaultsPort, injection: Injection) -> AbstractContextManager[None]:
    """It stands still (SIGSTOP)."""
    return faults.process(injection.role, "pause")
