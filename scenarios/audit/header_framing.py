"""A page in a frame is clicked on by people who see another."""

from collections.abc import Iterator

from golive.api import Capability, Gate, Setting, every, headers, one_of, scenario


@scenario(
    needs=[Capability.HTTP],
    evidence=Setting,
    check=every(one_of("DENY", "SAMEORIGIN")),
    remediation="Send X-Frame-Options: DENY with every answer.",
)
def header_framing(gate: Gate) -> Iterator[Setting]:
    """Answers are shown in no foreign frame."""
    yield from headers(gate, "x-frame-options")
