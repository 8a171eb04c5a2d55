"""A folder that lists itself shows what nobody linked to."""

from collections.abc import Iterator

from golive.api import Capability, Gate, Setting, every, one_of, scenario


@scenario(
    needs=[Capability.HTTP],
    requires=["audit.nginx_config"],
    evidence=Setting,
    check=every(one_of("off", "")),
    remediation="Remove autoindex on.",
)
def nginx_listing(gate: Gate) -> Iterator[Setting]:
    """The balancer lists no folders."""
    yield from gate.audit.files.nginx("autoindex")
