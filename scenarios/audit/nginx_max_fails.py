"""A node that fails once is not dead, and one that fails for ever must not get requests."""

from collections.abc import Iterator

from golive.api import Capability, Gate, Setting, every, scenario


def counts_three(setting: Setting) -> str:
    """Said for this node."""
    return "" if "max_fails=3" in str(setting.value).split() else "must say max_fails=3"


@scenario(
    needs=[Capability.HTTP],
    requires=["audit.nginx_config"],
    evidence=Setting,
    check=every(counts_three),
    remediation="Write max_fails=3 to each server of the upstream.",
)
def nginx_max_fails(gate: Gate) -> Iterator[Setting]:
    """The balancer takes a node out after three failures."""
    for one in gate.audit.files.nginx("server"):
        if "upstream" in one.place:
            yield one
