"""Asks a process to end (SIGTERM); whoever supervises it starts it again."""

from contextlib import AbstractContextManager

from golive.api import FaultsPort, Injection, fault


@fault
def terminate(faults: FaultsPort, injection: Injection) -> AbstractContextManager[None]:
    """It is asked to end (SIGTERM)."""
    return faults.process(injection.role, "terminate")
