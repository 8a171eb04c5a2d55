"""Consoles show jobs with their contents, and run them again."""

from collections.abc import Iterator
from http import HTTPStatus

from golive.api import Capability, Gate, Setting, every, scenario

PATHS = (
    "/horizon",
    "/telescope",
    "/_debugbar/open",
    "/_ignition/health-check",
    "/rq",
    "/admin",
    "/phpinfo.php",
    "/debug/pprof/",
    "/actuator/env",
)
HIDDEN = {HTTPStatus.NOT_FOUND, HTTPStatus.GONE}


def is_not_there(setting: Setting) -> str:
    """A refusal would say that there is something."""
    return "" if setting.value in HIDDEN else "must be 404"


@scenario(
    needs=[Capability.HTTP],
    evidence=Setting,
    check=every(is_not_there),
    remediation="Keep consoles on the private network, behind a login.",
)
def path_consoles(gate: Gate) -> Iterator[Setting]:
    """No console of a framework or server answers through the balancer."""
    for path in PATHS:
        reply = gate.http.request("GET", gate.url(path))
        yield Setting("balancer", path, reply.status)
