"""One node is an outage that waits for a release."""

from collections.abc import Iterator

from golive.api import Capability, Gate, Setting, between, every, scenario


@scenario(
    needs=[Capability.HTTP],
    evidence=Setting,
    check=every(between(2)),
    remediation="Start a second API node.",
)
def nodes_enough(gate: Gate) -> Iterator[Setting]:
    """There are two API nodes or more."""
    gate.http.request("GET", gate.url(gate.target.target.health))
    yield Setting("target file", "nodes", len(gate.target.nodes))
