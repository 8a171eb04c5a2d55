"""Narrows the line."""

from contextlib import AbstractContextManager

from golive.api import FaultsPort, Injection, fault


@fault
def bandwidth(faults: FaultsPort, injection: Injection) -> AbstractContextManager[None]:
    """Few bytes a second get through."""
    return faults.toxic(
        injection.before,
        "bandwidth",
        stream=injection.stream("downstream"),
        attributes={"rate": injection.whole("rate_kb_per_second", 16)},
    )
