"""A browser that guesses makes a page of an uploaded file."""

from collections.abc import Iterator

from golive.api import Capability, Gate, Setting, every, headers, one_of, scenario


@scenario(
    needs=[Capability.HTTP],
    evidence=Setting,
    check=every(one_of("nosniff")),
    remediation="Send X-Content-Type-Options: nosniff with every answer.",
)
def header_sniffing(gate: Gate) -> Iterator[Setting]:
    """Answers are what they say, and browsers must not guess."""
    yield from headers(gate, "x-content-type-options")
