"""Buffered, a few large uploads at once fill the balancer's disk."""

from collections.abc import Iterator

from golive.api import Capability, Gate, Setting, every, one_of, scenario


@scenario(
    needs=[Capability.HTTP],
    requires=["audit.nginx_config"],
    evidence=Setting,
    check=every(one_of("off")),
    remediation="Set proxy_request_buffering off for the upload route.",
)
def nginx_streaming(gate: Gate) -> Iterator[Setting]:
    """Uploads pass through the balancer without being kept there."""
    yield from gate.audit.files.nginx("proxy_request_buffering")
