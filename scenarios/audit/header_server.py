"""A version tells which holes to try."""

from collections.abc import Iterator

from golive.api import Capability, Gate, Setting, every, headers, scenario


def tells_no_number(setting: Setting) -> str:
    """A name may stand there."""
    said = str(setting.value or "")
    return "must hold no version" if any(sign.isdigit() for sign in said) else ""


@scenario(
    needs=[Capability.HTTP],
    evidence=Setting,
    check=every(tells_no_number),
    remediation="Set server_tokens off, and a plain Server header in the service.",
)
def header_server(gate: Gate) -> Iterator[Setting]:
    """Answers do not tell the server's version."""
    yield from headers(gate, "server")
