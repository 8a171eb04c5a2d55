"""The same exploration with many more cases: once before a deploy."""

from collections.abc import Iterator

from golive.api import Capability, Explored, Gate, Profile, explored, nothing_broken, scenario

CASES = 60
CHECKS = (
    *("not_a_server_error", "status_code_conformance", "content_type_conformance"),
    *("response_headers_conformance", "response_schema_conformance"),
    *("missing_required_header", "use_after_free", "ensure_resource_availability", "ignored_auth"),
)


@scenario(
    needs=[Capability.HTTP],
    evidence=Explored,
    check=nothing_broken,
    remediation="Run the curl line of the finding; the seed of the run repeats all of its cases.",
    profile=Profile.STANDARD,
    deadline_seconds=300.0,
)
def thorough(gate: Gate) -> Iterator[Explored]:
    """The contract holds for many more generated requests, too."""
    yield explored(gate, *CHECKS, cases=CASES)
