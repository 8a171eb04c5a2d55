"""Figures of the queue are of use to whoever attacks it."""

from collections.abc import Iterator
from http import HTTPStatus

from golive.api import Capability, Gate, Setting, every, scenario

PATHS = (
    "/metrics",
    "/metrics/",
    "/nginx_status",
    "/stub_status",
    "/server-status",
)
HIDDEN = {HTTPStatus.NOT_FOUND, HTTPStatus.GONE}


def is_not_there(setting: Setting) -> str:
    """A refusal would say that there is something."""
    return "" if setting.value in HIDDEN else "must be 404"


@scenario(
    needs=[Capability.HTTP],
    evidence=Setting,
    check=every(is_not_there),
    remediation="Answer 404 for /metrics at the balancer; scrape the nodes on the private network.",
)
def path_metrics(gate: Gate) -> Iterator[Setting]:
    """Nobody gets the metrics through the balancer."""
    for path in PATHS:
        reply = gate.http.request("GET", gate.url(path))
        yield Setting("balancer", path, reply.status)
