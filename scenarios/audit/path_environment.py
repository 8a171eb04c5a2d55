"""One request, and every password is known."""

from collections.abc import Iterator

from golive.api import Capability, Gate, Setting, every, hidden, scenario, statuses

PATHS = (
    "/.env",
    "/.env.production",
    "/.env.bak",
    "/api/.env",
    "/app.env",
)


@scenario(
    needs=[Capability.HTTP],
    evidence=Setting,
    check=every(hidden),
    remediation="Serve the public folder only, and deny names that begin with a dot.",
)
def path_environment(gate: Gate) -> Iterator[Setting]:
    """Nobody gets the environment file through the balancer."""
    yield from statuses(gate, PATHS)
