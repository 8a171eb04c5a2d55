"""Two dots must not lead out of what is served."""

from collections.abc import Iterator
from http import HTTPStatus

from golive.api import Capability, Gate, Setting, every, scenario

PATHS = (
    "/..%2f..%2fetc/passwd",
    "/%2e%2e/%2e%2e/etc/passwd",
    "/static/..%2f.env",
    "/api/uploads/..%2f..%2f.env/download/x",
)
REFUSED = {HTTPStatus.BAD_REQUEST, HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND}


def leads_nowhere(setting: Setting) -> str:
    """Refused, in one way or another."""
    return "" if setting.value in REFUSED else "must be refused"


@scenario(
    needs=[Capability.HTTP],
    evidence=Setting,
    check=every(leads_nowhere),
    remediation="Serve no files from the balancer, or give it a root of their own.",
)
def path_traversal(gate: Gate) -> Iterator[Setting]:
    """Two dots in a path lead nowhere."""
    for path in PATHS:
        reply = gate.http.request("GET", gate.url(path))
        yield Setting("balancer", path, reply.status)
