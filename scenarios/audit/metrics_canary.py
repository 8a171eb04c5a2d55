"""Figures are kept for years, and read by many."""

from collections.abc import Iterator
from http import HTTPStatus

from golive.api import Capability, Gate, Setting, between, every, scenario


@scenario(
    needs=[Capability.HTTP],
    requires=["nodes"],
    evidence=Setting,
    check=every(between(0, 0)),
    remediation="Label metrics with routes, never with paths or ids.",
)
def metrics_canary(gate: Gate) -> Iterator[Setting]:
    """What a caller sends does not get into the metrics."""
    canary = f"canary{gate.marker[-6:]}path"
    gate.http.request("GET", gate.url(f"/{canary}?token={canary}"))
    for name, url in gate.target.nodes.items():
        gate.http.request("GET", f"{url}/{canary}")
        reply = gate.http.request("GET", f"{url}/metrics")
        known = reply.status == HTTPStatus.OK
        count = reply.body.count(canary.encode()) if known else None
        unknown = "" if known else f"/metrics answered {reply.status}"
        yield Setting(name, "the canary in /metrics", count, unknown)
