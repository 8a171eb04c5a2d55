"""A method that a path does not have is answered 405, and Allow says which it has."""

from collections.abc import Iterator

from golive.api import Capability, Explored, Gate, explored, nothing_broken, scenario


@scenario(
    needs=[Capability.HTTP],
    evidence=Explored,
    check=nothing_broken,
    remediation="Answer 405 with the header Allow (RFC 9110); a balancer that answers TRACE by "
    "itself leaves it out.",
    deadline_seconds=170.0,
)
def methods(gate: Gate) -> Iterator[Explored]:
    """A method that the contract does not name is answered 405, with what is allowed instead."""
    yield explored(gate, "unsupported_method", "allow_header_conformance")
