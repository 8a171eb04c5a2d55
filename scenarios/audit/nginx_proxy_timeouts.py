"""Longer than the client waits is of no use, shorter fails what would have worked."""

from collections.abc import Iterator

from golive.api import Capability, Gate, Setting, every, one_of, scenario


@scenario(
    needs=[Capability.HTTP],
    requires=["audit.nginx_config"],
    evidence=Setting,
    check=every(one_of("60s", "60", "1m")),
    remediation="Set proxy_connect_timeout, proxy_send_timeout, proxy_read_timeout to 60s.",
)
def nginx_proxy_timeouts(gate: Gate) -> Iterator[Setting]:
    """The balancer waits 60 seconds for a node."""
    for name in ("proxy_connect_timeout", "proxy_send_timeout", "proxy_read_timeout"):
        yield from gate.audit.files.nginx(name)
