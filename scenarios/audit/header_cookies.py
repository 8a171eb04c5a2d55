"""An interface with sessions is not stateless, and not safe from foreign pages."""

from collections.abc import Iterator

from golive.api import Capability, Gate, Setting, every, headers, one_of, scenario


@scenario(
    needs=[Capability.HTTP],
    evidence=Setting,
    check=every(one_of("")),
    remediation="Take the session out of the interface's routes.",
)
def header_cookies(gate: Gate) -> Iterator[Setting]:
    """Answers set no cookies."""
    yield from headers(gate, "set-cookie")
