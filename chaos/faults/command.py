"""Runs the command of the target file that breaks something, then the one that mends it."""

from contextlib import AbstractContextManager

from golive.api import FaultsPort, Injection, fault


@fault
def command(faults: FaultsPort, injection: Injection) -> AbstractContextManager[None]:
    """A command of the target file breaks it."""
    return faults.command(injection.command)
