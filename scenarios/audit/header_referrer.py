"""An address with an id in it must not be told to other sites."""

from collections.abc import Iterator

from golive.api import Capability, Gate, Setting, every, headers, one_of, scenario


@scenario(
    needs=[Capability.HTTP],
    evidence=Setting,
    check=every(one_of("no-referrer", "same-origin", "strict-origin")),
    remediation="Send Referrer-Policy: no-referrer with every answer.",
)
def header_referrer(gate: Gate) -> Iterator[Setting]:
    """Addresses are not told to other sites."""
    yield from headers(gate, "referrer-policy")
