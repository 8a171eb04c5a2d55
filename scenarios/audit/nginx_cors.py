"""Each answer is read by the page of whoever has a user's browser open."""

from collections.abc import Iterator

from golive.api import Capability, Gate, Setting, every, scenario


def names_no_stranger(setting: Setting) -> str:
    """A star is everybody."""
    said = str(setting.value or "").lower()
    return "must not be *" if said.startswith("access-control-allow-origin *") else ""


@scenario(
    needs=[Capability.HTTP],
    requires=["audit.nginx_config"],
    evidence=Setting,
    check=every(names_no_stranger),
    remediation="Remove Access-Control-Allow-Origin *, or name the one page.",
)
def nginx_cors(gate: Gate) -> Iterator[Setting]:
    """The balancer lets no foreign page read answers."""
    yield from gate.audit.files.nginx("add_header")
