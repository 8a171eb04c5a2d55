"""A version tells which holes to try."""

from collections.abc import Iterator

from golive.api import Capability, Gate, Setting, every, one_of, scenario


@scenario(
    needs=[Capability.HTTP],
    requires=["audit.nginx_config"],
    evidence=Setting,
    check=every(one_of("off")),
    remediation="Set server_tokens off.",
)
def nginx_server_tokens(gate: Gate) -> Iterator[Setting]:
    """The balancer does not tell its version."""
    yield from gate.audit.files.nginx("server_tokens")
