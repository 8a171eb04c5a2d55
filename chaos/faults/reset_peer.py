"""Resets connections: what was asked may have been done, its answer is lost."""

from contextlib import AbstractContextManager

from golive.api import FaultsPort, Injection, fault


@fault
def reset_peer(faults: FaultsPort, injection: Injection) -> AbstractContextManager[None]:
    """Connections are reset."""
    return faults.toxic(
        injection.before,
        "reset_peer",
        stream=injection.stream("downstream"),
        attributes={"timeout": injection.whole("timeout_ms", 0)},
    )
