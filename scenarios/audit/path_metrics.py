"""Figures of the queue are of use to whoever attacks it."""

from collections.abc import Iterator

from golive.api import Capability, Gate, Setting, every, hidden, scenario, statuses

PATHS = (
    "/metrics",
    "/metrics/",
    "/nginx_status",
    "/stub_status",
    "/server-status",
)


@scenario(
    needs=[Capability.HTTP],
    evidence=Setting,
    check=every(hidden),
    remediation="Answer 404 for /metrics at the balancer; scrape the nodes on the private network.",
)
def path_metrics(gate: Gate) -> Iterator[Setting]:
    """Nobody gets the metrics through the balancer."""
    yield from statuses(gate, PATHS)
