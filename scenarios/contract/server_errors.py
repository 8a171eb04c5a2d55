"""Whatever is sent, the target never answers with an error of its own."""

from collections.abc import Iterator

from golive.api import Capability, Explored, Gate, explored, nothing_broken, scenario


@scenario(
    needs=[Capability.HTTP],
    evidence=Explored,
    check=nothing_broken,
    remediation="Run the curl line of the finding and look at the log of the node that answered: "
    "input that nobody thought of needs a refusal in the 400s.",
    deadline_seconds=170.0,
)
def server_errors(gate: Gate) -> Iterator[Explored]:
    """No generated request is answered with a 5xx."""
    yield explored(gate, "not_a_server_error")
