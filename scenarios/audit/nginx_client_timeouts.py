"""A thousand callers who say nothing must not hold a thousand connections."""

from collections.abc import Iterator

from golive.api import Capability, Gate, Setting, every, one_of, scenario


@scenario(
    needs=[Capability.HTTP],
    requires=["audit.nginx_config"],
    evidence=Setting,
    check=every(one_of("60s", "60", "1m")),
    remediation="Set client_header_timeout, client_body_timeout, send_timeout to 60s.",
)
def nginx_client_timeouts(gate: Gate) -> Iterator[Setting]:
    """The balancer waits 60 seconds for a caller."""
    for name in ("client_header_timeout", "client_body_timeout", "send_timeout"):
        yield from gate.audit.files.nginx(name)
