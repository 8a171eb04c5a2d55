"""Real receivers on loopback: what channels send to."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class Inbox:
    """What arrived, in its order; the first `refusals` requests are answered 503."""

    url: str = ""
    refusals: int = 0
    received: list[tuple[str, Any]] = field(default_factory=list)
    refused: int = 0

    def events(self) -> list[tuple[int, str]]:
        """Incident and event of every message of the kind `webhook`."""
        return [(document["incident"], document["event"]) for _, document in self.received]


@contextmanager
def http_inbox(refusals: int = 0) -> Iterator[Inbox]:
    """An HTTP server that takes JSON."""
    inbox = Inbox(refusals=refusals)

    class Taking(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            accepted = inbox.refused >= inbox.refusals
            if accepted:
                inbox.received.append((self.path, json.loads(body)))
            else:
                inbox.refused += 1
            self.send_response(200 if accepted else 503)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_arguments: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Taking) as serving:
        serving.daemon_threads = True
        thread = threading.Thread(target=serving.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        inbox.url = f"http://127.0.0.1:{serving.server_port}"
        yield inbox
        serving.shutdown()
        thread.join()
