"""Ends each connection after some bytes, in the middle of an answer."""

from contextlib import AbstractContextManager

from golive.api import FaultsPort, Injection, fault


@fault
def limit_data(faults: FaultsPort, injection: Injection) -> AbstractContextManager[None]:
    """Connections end after some bytes."""
    return faults.toxic(
        injection.before,
        "limit_data",
        stream=injection.stream("downstream"),
        attributes={"bytes": injection.whole("bytes", 40)},
    )
