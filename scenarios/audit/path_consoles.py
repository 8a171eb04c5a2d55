"""Consoles show jobs with their contents, and run them again."""

from collections.abc import Iterator

from golive.api import Capability, Gate, Setting, every, hidden, scenario, statuses

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


@scenario(
    needs=[Capability.HTTP],
    evidence=Setting,
    check=every(hidden),
    remediation="Keep consoles on the private network, behind a login.",
)
def path_consoles(gate: Gate) -> Iterator[Setting]:
    """No console of a framework or server answers through the balancer."""
    yield from statuses(gate, PATHS)
