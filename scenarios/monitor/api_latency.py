"""THR-604: response times of the API."""

from collections.abc import Iterator
from urllib.parse import urlsplit

from golive.api import Buckets, Capability, Gate, buckets, latency_within, scenario


@scenario(
    needs=[Capability.METRICS],
    requires=["observe.metrics.latency"],
    evidence=Buckets,
    check=latency_within(lambda slo: slo.api_p95_ms),
    remediation="Look for slow statements in the database's log, and at the bucket.",
)
def api_latency(gate: Gate) -> Iterator[Buckets]:
    """The other calls are answered in time: p95 of the nodes' own histogram."""
    metrics = gate.target.observe.metrics
    if metrics is None:
        return
    # What golive itself asks for all the time would make every percentile look well.
    ours = {metrics.webhook_route, gate.target.target.health, urlsplit(metrics.url).path}
    yield from buckets(gate, lambda labels: labels.get(metrics.route_label) not in ours)
