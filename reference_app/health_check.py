"""Whether the API node or the workers of this container are well: exit code 0 or 1.

`python -m reference_app.health_check`, for Docker's HEALTHCHECK and for probes that run a command.
It is run again and again beside the service, so it imports little and never stays.
"""

import http.client
import os
import signal
import sys
from pathlib import Path

LIMIT_S = 4
API_TIMEOUT_S = 3.0
PROCESSES = Path("/proc")
HELPERS = frozenset({"scheduler", "janitor", "balancer", "clock"})


def main() -> int:
    """Look at whichever part of the service runs here; a part that does not run is not well."""
    # Whoever gave up waiting for the answer may have left us behind, and comes again soon.
    signal.alarm(LIMIT_S)
    parts = running_parts()
    if "reference_app.api" in parts:
        return 0 if api_answers() else 1
    return 0 if "reference_app.worker" in parts and workers_live() else 1


def running_parts() -> set[str]:
    """The modules that Python runs in this container."""
    found = set()
    for file in PROCESSES.glob("[0-9]*/cmdline"):
        words = _text(file).split("\0")
        if "-m" in words[:-1]:
            found.add(words[words.index("-m") + 1])
    return found


def api_answers() -> bool:
    """It is alive. Whether it is ready is for its balancer to ask: a restart would not help."""
    connection = http.client.HTTPConnection(
        "127.0.0.1", int(os.environ["PORT"]), timeout=API_TIMEOUT_S
    )
    try:
        connection.request("GET", "/health")
        return connection.getresponse().status == http.client.OK
    except OSError:
        return False
    finally:
        connection.close()


def workers_live() -> bool:
    """All helpers of the supervisor are there. That Redis is away would not be their fault."""
    return {_text(file).strip() for file in PROCESSES.glob("[0-9]*/comm")} >= HELPERS


def _text(file: Path) -> str:
    try:
        return file.read_text(errors="replace")
    except OSError:  # It has ended, or is another user's.
        return ""


if __name__ == "__main__":
    sys.exit(main())
