"""The light probe: one request to the health check, which leaves a line in an access log."""

import time
from collections.abc import Callable

from golive.adapters.http import HttpAdapter, http_client
from golive.errors import UnreachableError
from golive.model.monitoring.records import Probe
from golive.model.ports import Recorder

TIMEOUT_SECONDS = 5.0
WELL = 200


def prober(
    url: str, recorder: Recorder, clock: Callable[[], float], ca_file: str | None = None
) -> Callable[[], Probe]:
    """A function that probes once; `ca_file` says whom to trust at an https:// address."""

    def ask() -> Probe:
        begins, began, wrong = clock(), time.perf_counter(), ""
        # A connection of its own each time: users come with new ones, and one that was kept idle
        # may have been closed.
        with http_client(ca_file) as client:
            http = HttpAdapter(client, recorder)
            try:
                reply = http.request("GET", url, timeout_seconds=TIMEOUT_SECONDS)
                wrong = "" if reply.status == WELL else f"answered {reply.status}"
            except UnreachableError as error:
                wrong = error.reason
        took_ms = round((time.perf_counter() - began) * 1000, 3)
        return Probe(round(begins, 3), round(clock(), 3), took_ms, wrong)

    return ask
