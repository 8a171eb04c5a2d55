"""Copies that somebody left lying are found by machines in minutes."""

from collections.abc import Iterator
from http import HTTPStatus

from golive.api import Capability, Gate, Setting, every, scenario

PATHS = (
    "/backup.zip",
    "/dump.sql",
    "/database.sql",
    "/storage/logs/laravel.log",
    "/composer.json",
    "/pyproject.toml",
    "/requirements.lock",
)
HIDDEN = {HTTPStatus.NOT_FOUND, HTTPStatus.GONE}


def is_not_there(setting: Setting) -> str:
    """A refusal would say that there is something."""
    return "" if setting.value in HIDDEN else "must be 404"


@scenario(
    needs=[Capability.HTTP],
    evidence=Setting,
    check=every(is_not_there),
    remediation="Serve the public folder only.",
)
def path_backups(gate: Gate) -> Iterator[Setting]:
    """No copies and dumps lie behind the balancer."""
    for path in PATHS:
        reply = gate.http.request("GET", gate.url(path))
        yield Setting("balancer", path, reply.status)
