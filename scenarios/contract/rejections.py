"""What the contract forbids is refused, and not taken in silence."""

from collections.abc import Iterator

from golive.api import Capability, Explored, Gate, explored, nothing_broken, scenario


@scenario(
    needs=[Capability.HTTP],
    requires=["contract.openapi"],
    evidence=Explored,
    check=nothing_broken,
    remediation="Refuse the input of the curl line in the 400s, or let the contract allow it.",
    deadline_seconds=170.0,
)
def rejections(gate: Gate) -> Iterator[Explored]:
    """A request that breaks the contract's schemas is refused."""
    yield explored(gate, "negative_data_rejection", "missing_required_header")
