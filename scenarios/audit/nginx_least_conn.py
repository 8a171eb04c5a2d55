"""A long upload on one node must not make others wait there."""

from collections.abc import Iterator

from golive.api import Capability, Gate, Setting, every, scenario


def is_there(setting: Setting) -> str:
    """It has no value: being there is all."""
    return "" if setting.value is not None else "must be in the upstream"


@scenario(
    needs=[Capability.HTTP],
    requires=["audit.nginx_config"],
    evidence=Setting,
    check=every(is_there),
    remediation="Write least_conn; into the upstream.",
)
def nginx_least_conn(gate: Gate) -> Iterator[Setting]:
    """The balancer gives a request to the node with the fewest."""
    yield from gate.audit.files.nginx("least_conn")
