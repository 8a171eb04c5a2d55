"""Ends a process at once, as a crash would (SIGKILL)."""

from contextlib import AbstractContextManager

from golive.api import FaultsPort, Injection, fault


@fault
def kill(faults: FaultsPort, injection: Injection) -> AbstractContextManager[None]:
    """It is killed (SIGKILL)."""
    return faults.process(injection.role, "kill")
