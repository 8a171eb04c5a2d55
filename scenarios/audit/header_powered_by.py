"""A framework's name and version tell which holes to try."""

from collections.abc import Iterator

from golive.api import Capability, Gate, Setting, every, headers, one_of, scenario


@scenario(
    needs=[Capability.HTTP],
    evidence=Setting,
    check=every(one_of("")),
    remediation="Remove X-Powered-By (PHP: expose_php = Off).",
)
def header_powered_by(gate: Gate) -> Iterator[Setting]:
    """Answers do not tell the framework."""
    yield from headers(gate, "x-powered-by")
