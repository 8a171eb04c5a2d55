"""A stack trace tells paths, versions and sometimes values."""

import re
from collections.abc import Iterator

from golive.api import Capability, Gate, Setting, every, scenario

ASKED = (
    ("GET", "/%00", {}),
    ("GET", "/api/uploads?limit=%27;--", {"Authorization": "Bearer golive"}),
    ("POST", "/api/uploads", {"Content-Type": "multipart/form-data"}),
    ("POST", "/", {"Content-Type": "application/json"}),
    ("DELETE", "/health", {}),
)
NOTHING = "nothing"
TELLING = re.compile(
    r"Traceback|Stack trace|stacktrace|at [\w.]+\([\w.]+:\d+\)|\.(py|php|rb|js|java)[:(]"
    r"|/(home|var|usr)/|SQLSTATE|syntax error at|Whoops|Ignition|DebugBar",
    re.IGNORECASE,
)


def is_plain(setting: Setting) -> str:
    """Nothing that only the operator should read."""
    return "" if setting.value == NOTHING else "must not be told"


@scenario(
    needs=[Capability.HTTP],
    evidence=Setting,
    check=every(is_plain),
    remediation="Turn debug off, and answer errors with a problem document.",
)
def errors_are_plain(gate: Gate) -> Iterator[Setting]:
    """Errors tell no stack trace, path or query."""
    for method, path, headers in ASKED:
        reply = gate.http.request(method, gate.url(path), headers=headers)
        found = TELLING.search(reply.body.decode(errors="replace"))
        yield Setting(f"{method} {path} ({reply.status})", "tells", found[0] if found else NOTHING)
