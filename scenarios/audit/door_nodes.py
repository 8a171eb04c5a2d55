"""Past the balancer there are no limits, no TLS and no log."""

from collections.abc import Iterator

from golive.api import Capability, Gate, Setting, every, private, scenario


@scenario(
    needs=[Capability.HTTP],
    requires=["nodes"],
    evidence=Setting,
    check=every(private),
    remediation="Bind the nodes to private addresses, and close their ports in the firewall.",
)
def door_nodes(gate: Gate) -> Iterator[Setting]:
    """No node answers from outside, past the balancer."""
    for url in gate.target.nodes.values():
        yield from gate.audit.network.doors(url)
