"""Cuts data into small packets with pauses between them."""

from contextlib import AbstractContextManager

from golive.api import FaultsPort, Injection, fault


@fault
def slicer(faults: FaultsPort, injection: Injection) -> AbstractContextManager[None]:
    """Data comes in small pieces."""
    return faults.toxic(
        injection.before,
        "slicer",
        stream=injection.stream("downstream"),
        attributes={
            "average_size": injection.whole("average_bytes", 64),
            "size_variation": injection.whole("variation_bytes", 32),
            "delay": injection.whole("delay_us", 500),
        },
    )
