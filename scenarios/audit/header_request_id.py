"""A customer who has the id is helped in minutes."""

from collections.abc import Iterator

from golive.api import Capability, Gate, Setting, every, headers, scenario


def is_there(setting: Setting) -> str:
    """Whatever it is."""
    return "" if setting.value else "must be there"


@scenario(
    needs=[Capability.HTTP],
    evidence=Setting,
    check=every(is_there),
    remediation="Send X-Request-ID with every answer.",
)
def header_request_id(gate: Gate) -> Iterator[Setting]:
    """Every answer carries the id of its request."""
    yield from headers(gate, "x-request-id")
