"""Delays what goes through a proxy."""

from contextlib import AbstractContextManager

from golive.api import FaultsPort, Injection, fault


@fault
def latency(faults: FaultsPort, injection: Injection) -> AbstractContextManager[None]:
    """Everything takes longer, by a varying time."""
    return faults.toxic(
        injection.before,
        "latency",
        stream=injection.stream("downstream"),
        attributes={
            "latency": injection.whole("latency_ms", 200),
            "jitter": injection.whole("jitter_ms", 0),
        },
    )
