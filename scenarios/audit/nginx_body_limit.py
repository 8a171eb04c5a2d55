"""Without a limit one caller fills the memory or the disk of a node."""

from collections.abc import Iterator

from golive.api import Capability, Gate, Setting, every, scenario


def is_limited(setting: Setting) -> str:
    """0 is no limit; the default of 1m refuses real uploads without a word of the service."""
    return "must be set, and above 0" if setting.value in {None, "0"} else ""


@scenario(
    needs=[Capability.HTTP],
    requires=["audit.nginx_config"],
    evidence=Setting,
    check=every(is_limited),
    remediation="Set client_max_body_size a little above the service's own limit.",
)
def nginx_body_limit(gate: Gate) -> Iterator[Setting]:
    """The balancer has a limit for bodies."""
    yield from gate.audit.files.nginx("client_max_body_size")
