"""Restarts a process in good order."""

from contextlib import AbstractContextManager

from golive.api import FaultsPort, Injection, fault


@fault
def restart(faults: FaultsPort, injection: Injection) -> AbstractContextManager[None]:
    """It is restarted."""
    return faults.process(injection.role, "restart")
