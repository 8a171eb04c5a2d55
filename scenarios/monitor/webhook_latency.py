"""THR-604: webhook response times, as the nodes measured them of real notifications."""

from collections.abc import Iterator

from golive.api import Buckets, Capability, Gate, buckets, latency_within, scenario


@scenario(
    needs=[Capability.METRICS],
    requires=["observe.metrics.latency", "observe.metrics.webhook_route"],
    evidence=Buckets,
    check=latency_within(lambda slo: slo.p95_ms, lambda slo: slo.p99_ms),
    remediation="Look at the queue's Redis first: nothing else is on the way of a notification.",
)
def webhook_latency(gate: Gate) -> Iterator[Buckets]:
    """Accepted notifications are answered in time: p95 and p99 of the nodes' own histogram."""
    metrics = gate.target.observe.metrics
    if metrics is None:
        return
    wanted = (metrics.route_label, metrics.webhook_route)
    # Answers of 4xx do not get as far as Redis, and our own forged notification is one of them.
    yield from buckets(
        gate,
        lambda labels: (
            labels.get(wanted[0]) == wanted[1] and labels.get(metrics.status_label, "2")[0] != "4"
        ),
    )
