"""Ends a process and keeps it down."""

from contextlib import AbstractContextManager

from golive.api import FaultsPort, Injection, fault


@fault
def stop(faults: FaultsPort, injection: Injection) -> AbstractContextManager[None]:
    """It is down."""
    return faults.process(injection.role, "stop")
