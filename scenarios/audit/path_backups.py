"""Copies that somebody left lying are found by machines in minutes."""

from collections.abc import Iterator

from golive.api import Capability, Gate, Setting, every, hidden, scenario, statuses

PATHS = (
    "/backup.zip",
    "/dump.sql",
    "/database.sql",
    "/storage/logs/laravel.log",
    "/composer.json",
    "/pyproject.toml",
    "/requirements.lock",
)


@scenario(
    needs=[Capability.HTTP],
    evidence=Setting,
    check=every(hidden),
    remediation="Serve the public folder only.",
)
def path_backups(gate: Gate) -> Iterator[Setting]:
    """No copies and dumps lie behind the balancer."""
    yield from statuses(gate, PATHS)
