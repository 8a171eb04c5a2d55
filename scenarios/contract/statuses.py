"""Clients are written for the statuses that the contract names."""

from collections.abc import Iterator

from golive.api import Capability, Explored, Gate, explored, nothing_broken, scenario


@scenario(
    needs=[Capability.HTTP],
    evidence=Explored,
    check=nothing_broken,
    remediation="Name the status in the contract, or answer with one that it names.",
    deadline_seconds=170.0,
)
def statuses(gate: Gate) -> Iterator[Explored]:
    """Every answer has a status that the contract names for its call."""
    yield explored(gate, "status_code_conformance")
