"""Bodies and headers of answers are what the contract says."""

from collections.abc import Iterator

from golive.api import Capability, Explored, Gate, explored, nothing_broken, scenario


@scenario(
    needs=[Capability.HTTP],
    evidence=Explored,
    check=nothing_broken,
    remediation="Compare the answer of the curl line with its schema: a field that came, went or "
    "changed its type has to be in the contract before it is in the service.",
    deadline_seconds=170.0,
)
def schemas(gate: Gate) -> Iterator[Explored]:
    """Every answer has the media type, the headers and the fields of its schema."""
    yield explored(
        gate,
        "content_type_conformance",
        "response_headers_conformance",
        "response_schema_conformance",
    )
