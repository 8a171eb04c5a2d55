"""A page of the framework's own tells its name and version."""

from collections.abc import Iterator

from golive.api import Capability, Gate, Setting, every, scenario

MOST_BYTES = 4096
NOT_FOUND = 404


def is_plain(setting: Setting) -> str:
    """404, and no page of a framework around it."""
    if setting.name == "status":
        return "" if setting.value == NOT_FOUND else "must be 404"
    return "" if int(str(setting.value)) <= MOST_BYTES else f"must be at most {MOST_BYTES}"


@scenario(
    needs=[Capability.HTTP],
    evidence=Setting,
    check=every(is_plain),
    remediation="Answer unlisted paths with the service's own problem document.",
)
def path_unlisted(gate: Gate) -> Iterator[Setting]:
    """An unlisted path is answered 404, and shortly."""
    for path in (f"/{gate.marker}-no-such-path", f"/api/{gate.marker}-no-such-path"):
        reply = gate.http.request("GET", gate.url(path))
        yield Setting(path, "status", reply.status)
        yield Setting(path, "bytes", len(reply.body))
