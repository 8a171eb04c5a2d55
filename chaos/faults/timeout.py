"""Lets nothing through, then closes: the answer never comes."""

from contextlib import AbstractContextManager

from golive.api import FaultsPort, Injection, fault


@fault
def timeout(faults: FaultsPort, injection: Injection) -> AbstractContextManager[None]:
    """Answers are swallowed, then the connection ends."""
    return faults.toxic(
        injection.before,
        "timeout",
        stream=injection.stream("downstream"),
        attributes={"timeout": injection.whole("timeout_ms", 100)},
    )
