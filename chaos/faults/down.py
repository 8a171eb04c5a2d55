"""Refuses connections and drops those there are."""

from contextlib import AbstractContextManager

from golive.api import FaultsPort, Injection, fault


@fault
def down(faults: FaultsPort, injection: Injection) -> AbstractContextManager[None]:
    """Nobody answers: connections are refused."""
    return faults.cut(injection.before)
