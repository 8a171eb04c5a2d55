"""Keeps connections from closing for a while."""

from contextlib import AbstractContextManager

from golive.api import FaultsPort, Injection, fault


@fault
def slow_close(faults: FaultsPort, injection: Injection) -> AbstractContextManager[None]:
    """Connections close late."""
    return faults.toxic(
        injection.before,
        "slow_close",
        stream=injection.stream("downstream"),
        attributes={"delay": injection.whole("delay_ms", 1_000)},
    )
