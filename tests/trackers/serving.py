"""A small tracker on loopback: it keeps state, checks what it is asked, and can be made to fail."""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

import pytest

TOKEN = "tok-3f9b1c7e5a"


@dataclass
class Entry:
    """A ticket as people would see it in the tracker; parent and blockers by key."""

    title: str
    parent: str
    blockers: set[str]
    labels: set[str]
    points: float | None
    done: bool
    comments: list[str]


@dataclass(frozen=True)
class Asked:
    """One request."""

    method: str
    path: str
    query: dict[str, str]
    body: Any
    base: str


class RefusedError(Exception):
    """What is asked is wrong: the status, and the document that says so."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


@dataclass
class FakeTracker:
    """State and temper of a tracker; each kind answers in its own way."""

    name = ""
    authorization = ""
    busy: int = 0
    """So many requests are answered with a rate limit."""
    fail_write: int | None = None
    """The write of this number is answered with 500 and not made."""
    lose_write: int | None = None
    """The write of this number is made, and its answer lost."""
    writes: list[tuple[str, str]] = field(default_factory=list)
    moments: list[float] = field(default_factory=list)
    url: str = ""
    lock: threading.Lock = field(default_factory=threading.Lock)

    def environment(self) -> dict[str, str]:
        """What a user exports to reach this tracker."""
        raise NotImplementedError

    def entries(self) -> list[Entry]:
        """All tickets."""
        raise NotImplementedError

    def answer(self, asked: Asked) -> tuple[int, Any, dict[str, str]]:
        """Status, document and headers. Raises RefusedError."""
        raise NotImplementedError

    def is_write(self, asked: Asked) -> bool:
        """Whether a request would change anything."""
        return asked.method != "GET"

    def limit(self) -> tuple[int, Any, dict[str, str]]:
        """How this tracker says that it is asked too often."""
        return 429, {"message": "too many requests"}, {"Retry-After": "1"}

    def by_key(self) -> dict[str, Entry]:
        """Tickets by key; a key that is there twice fails the test."""
        found: dict[str, Entry] = {}
        for entry in self.entries():
            key = entry.title.partition(":")[0]
            assert key not in found, f"{key} is there twice"
            found[key] = entry
        return found

    def reply(self, asked: Asked, authorization: str) -> tuple[int, Any, dict[str, str]] | None:
        """The answer to a request; None if it is lost on the way."""
        self.moments.append(time.monotonic())
        if authorization != self.authorization:
            return 401, {"message": f"bad credentials: {authorization}"}, {}
        if self.busy:
            self.busy -= 1
            return self.limit()
        if self.is_write(asked):
            self.writes.append((asked.method, asked.path))
            if len(self.writes) == self.fail_write:
                return 500, {"message": "out of order"}, {}
        try:
            answer = self.answer(asked)
        except RefusedError as refusal:
            return refusal.status, {"message": str(refusal)}, {}
        lost = self.is_write(asked) and len(self.writes) == self.lose_write
        return None if lost else answer


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = 65536  # headers and content in one packet, or the client waits 40 ms
    server: "_Server"

    def _content(self) -> bytes:
        if self.headers.get("Transfer-Encoding") != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length") or 0))
        found = b""
        while size := int(self.rfile.readline(), 16):
            found += self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()
        return found

    def _do(self) -> None:
        raw = self._content()
        parts = urlsplit(self.path)
        tracker = self.server.tracker
        asked = Asked(
            self.command,
            unquote(parts.path),
            dict(parse_qsl(parts.query)),
            json.loads(raw) if raw else None,
            f"{self.server.scheme}://{self.headers['Host']}",
        )
        with tracker.lock:
            replied = tracker.reply(asked, self.headers.get("Authorization") or "")
        if replied is None:
            self.close_connection = True
            return
        status, document, headers = replied
        content = b"" if document is None else json.dumps(document).encode()
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Type", "application/json; charset=utf-8")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _do  # noqa: N815 - names of http.server

    def log_message(self, *_arguments: object) -> None:
        """Say nothing."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    scheme = "http"
    tracker: FakeTracker


@contextmanager
def served(tracker: FakeTracker, wrap: Any = None) -> Iterator[FakeTracker]:
    """The tracker at an address of its own; `wrap` makes its socket one with TLS."""
    with _Server(("127.0.0.1", 0), _Handler) as serving:
        serving.tracker = tracker
        if wrap:
            serving.socket = wrap(serving.socket)
            serving.scheme = "https"
        tracker.url = f"{serving.scheme}://127.0.0.1:{serving.server_port}"
        thread = threading.Thread(target=serving.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield tracker
        finally:
            serving.shutdown()
            thread.join()


@contextmanager
def reachable(tracker: FakeTracker, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Served, with its address and token in the environment."""
    with served(tracker):
        for name, value in tracker.environment().items():
            monkeypatch.setenv(name, value)
        yield tracker
