"""Whether the API node or the workers of this container are well: exit code 0 or 1.

`python -m reference_app.health_check`, for Docker's HEALTHCHECK and for probes that run a command.
"""

import http.client
import os
import socket
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from redis.exceptions import RedisError
from rq import Worker

from reference_app.queueing.connections import WORKER_TTL_S, impatient_redis
from reference_app.settings import load_settings

API_TIMEOUT_S = 3.0
PROCESSES = Path("/proc")


def main() -> int:
    """Look at whichever part of the service runs here; a part that does not run is not well."""
    parts = set(running_parts())
    well = {"reference_app.api": api_answers, "reference_app.worker": workers_beat}
    found = [check for part, check in well.items() if part in parts]
    return 0 if found and all(check() for check in found) else 1


def running_parts() -> Iterator[str]:
    """The modules that Python runs in this container."""
    for file in PROCESSES.glob("[0-9]*/cmdline"):
        try:
            words = file.read_bytes().decode(errors="replace").split("\0")
        except OSError:  # It has ended, or is another user's.
            continue
        if "-m" in words[:-1]:
            yield words[words.index("-m") + 1]


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


def workers_beat() -> bool:
    """A worker of this machine has given a sign of life. Redis being away is not their fault."""
    oldest = datetime.now(UTC).timestamp() - 2 * WORKER_TTL_S
    try:
        workers = Worker.all(connection=impatient_redis(load_settings()))
    except (RedisError, OSError):
        return True
    beats = [one.last_heartbeat for one in workers if one.hostname == socket.gethostname()]
    return any(beat and beat.replace(tzinfo=UTC).timestamp() > oldest for beat in beats)


if __name__ == "__main__":
    sys.exit(main())
