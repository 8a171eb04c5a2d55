"""One request, and every password is known."""

from collections.abc import Iterator
from http import HTTPStatus

from golive.api import Capability, Gate, Setting, every, scenario

PATHS = (
    "/.env",
    "/.env.production",
    "/.env.bak",
    "/api/.env",
    "/app.env",
)
HIDDEN = {HTTPStatus.NOT_FOUND, HTTPStatus.GONE}


def is_not_there(setting: Setting) -> str:
    """A refusal would say that there is something."""
    return "" if setting.value in HIDDEN else "must be 404"


@scenario(
    needs=[Capability.HTTP],
    evidence=Setting,
    check=every(is_not_there),
    remediation="Serve the public folder only, and deny names that begin with a dot.",
)
def path_environment(gate: Gate) -> Iterator[Setting]:
    """Nobody gets the environment file through the balancer."""
    for path in PATHS:
        reply = gate.http.request("GET", gate.url(path))
        yield Setting("balancer", path, reply.status)
