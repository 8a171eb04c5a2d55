"""Bytes over sockets of our own; h11 reads what comes back."""

import resource
import select
import socket
import ssl
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from urllib.parse import urlsplit

import h11

from golive.adapters.http import CONNECT_TIMEOUT_SECONDS
from golive.adapters.tls import trusting
from golive.errors import UnreachableError
from golive.model.ports import Recorder
from golive.model.raw import Header, RawReply, Sending
from golive.model.target import Target

CHUNK_BYTES = 64 * 1024
KEPT_BYTES = 64 * 1024
PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True)
class Credentials:
    """The header with the target's token, and that of another account; either may be missing."""

    own: tuple[Header, ...] = ()
    other: tuple[Header, ...] = ()

    @classmethod
    def of(cls, target: Target, secrets: Mapping[str, str]) -> "Credentials":
        """What the target file names."""
        uploads = target.uploads
        if uploads is None:
            return cls()
        names = (uploads.token_env, target.contract.other_token_env)
        own, other = (
            ((uploads.token_header, f"{uploads.token_prefix}{secrets[name]}"),) if name else ()
            for name in names
        )
        return cls(own, other)


class RawAdapter:
    """Raw requests of one step."""

    def __init__(
        self,
        base_url: str,
        credentials: Credentials,
        recorder: Recorder,
        ca_file: str | None = None,
    ) -> None:
        self._url = urlsplit(base_url)
        self._trusted = trusting(ca_file) if self._url.scheme == "https" else None
        self.credential = credentials.own
        self.other_credential = credentials.other
        self._recorder = recorder

    @property
    def authority(self) -> str:
        """Host and port, as the header Host has them."""
        return self._url.netloc

    @contextmanager
    def idle(self, count: int) -> Iterator[int]:
        """So many open connections that say nothing."""
        with ExitStack() as held, self._recorder.operation("idle connections", count=count) as it:
            opened = 0
            held.enter_context(_more_files(count))
            # As many as the machine gives: its own limit is no fault of the target.
            with suppress(OSError):
                for opened in range(1, count + 1):  # noqa: B007 - counted for whoever asks
                    held.enter_context(self._connect())
            it.ok(opened=opened)
            yield opened

    def exchange(self, sending: Sending, *, within_seconds: float) -> RawReply:
        """Send, and listen meanwhile, until the answers are there or the time is over."""
        with self._recorder.operation(f"raw {sending.method}", sent=sending.shown) as operation:
            try:
                connection = self._connect()
            except OSError as error:
                operation.fail(error=str(error))
                raise UnreachableError("http", self.authority, str(error)) from error
            with connection:
                reply = _Exchange(connection, sending, within_seconds).run()
            operation.ok(
                statuses=reply.statuses,
                ending=reply.ending,
                milliseconds=reply.milliseconds,
                sent_bytes=reply.sent_bytes,
            )
        return reply

    def _connect(self) -> socket.socket:
        host = self._url.hostname or ""
        port = self._url.port or PORTS[self._url.scheme]
        connection = socket.create_connection((host, port), CONNECT_TIMEOUT_SECONDS)
        if self._trusted is not None:
            connection = self._trusted.wrap_socket(connection, server_hostname=host)
        connection.setblocking(False)
        return connection


@contextmanager
def _more_files(count: int) -> Iterator[None]:
    """Room for so many more open files, as far as this machine lets us have it."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = soft + count if hard == resource.RLIM_INFINITY else min(soft + count, hard)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, wanted), hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


class _Exchange:
    """One connection from its first byte to its last."""

    def __init__(self, connection: socket.socket, sending: Sending, within_seconds: float) -> None:
        self._connection = connection
        self._sending = sending
        self._answers = _Answers(sending)
        self._began = time.monotonic()
        self._deadline = self._began + within_seconds
        self._sent_bytes = 0
        self._open = True

    def run(self) -> RawReply:
        """Send piece by piece; stop as soon as nobody listens or everything was answered."""
        for piece in self._sending.pieces:
            self._send(piece)
            self._listen(self._sending.pause_seconds)
            if self._is_over():
                break
        self._listen(self._deadline - time.monotonic())
        return self._reply()

    def _is_over(self) -> bool:
        return not self._open or self._answers.complete or time.monotonic() >= self._deadline

    def _send(self, piece: bytes) -> None:
        rest = memoryview(piece)
        while rest and not self._is_over():
            left = max(0.0, self._deadline - time.monotonic())
            ready = self._ready(select.POLLIN | select.POLLOUT, left)
            if ready & ~select.POLLOUT:
                self._receive()
            if ready & select.POLLOUT and self._open:
                rest = rest[self._write(rest) :]

    def _write(self, rest: memoryview) -> int:
        try:
            sent = self._connection.send(rest[:CHUNK_BYTES])
        except (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError):
            return 0
        except OSError:
            # What it answered before it closed may still be there to be read.
            self._receive()
            self._open = False
            return 0
        self._sent_bytes += sent
        return sent

    def _listen(self, seconds: float) -> None:
        until = min(self._deadline, time.monotonic() + seconds)
        while not self._is_over():
            left = until - time.monotonic()
            if not self._ready(select.POLLIN, max(0.0, left)):
                return
            self._receive()

    def _ready(self, events: int, seconds: float) -> int:
        # Not select(), which knows the first 1 024 files of a process only.
        poll = select.poll()
        poll.register(self._connection, events)
        return sum(found for _, found in poll.poll(seconds * 1000))

    def _receive(self) -> None:
        try:
            content = self._connection.recv(CHUNK_BYTES)
        except (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError):
            return
        except OSError:
            content = b""
        self._open = self._answers.feed(content) and bool(content)

    def _reply(self) -> RawReply:
        answers = self._answers
        ending = "closed" if not self._open else "silent"
        return RawReply(
            statuses=tuple(answers.statuses),
            headers=answers.headers,
            body=bytes(answers.body[:KEPT_BYTES]),
            ending="answered" if answers.statuses else ending,
            milliseconds=round((time.monotonic() - self._began) * 1000, 3),
            sent_bytes=self._sent_bytes,
        )


class _Answers:
    """What the peer says, cut into answers. What is no HTTP ends the reading, as a close does."""

    def __init__(self, sending: Sending) -> None:
        self.statuses: list[int] = []
        self.headers: dict[str, str] = {}
        self.body = bytearray()
        self.complete = False
        self._sending = sending
        self._finished = 0
        self._parser = self._new_parser()

    def feed(self, content: bytes) -> bool:
        """Take in what came; an empty piece is the end. False where it cannot be read."""
        try:
            self._parser.receive_data(content)
            for event in self._events():
                self._take(event)
        except h11.RemoteProtocolError:
            return False
        return True

    def _events(self) -> Iterator[h11.Event]:
        while not self.complete:
            event = self._parser.next_event()
            if event is h11.NEED_DATA or event is h11.PAUSED or isinstance(event, type):
                return
            if isinstance(event, h11.ConnectionClosed):
                return
            yield event

    def _take(self, event: h11.Event) -> None:
        if isinstance(event, h11.Response):
            self.statuses.append(event.status_code)
            if len(self.statuses) == 1:
                pairs = [(k.decode(), v.decode("latin-1")) for k, v in event.headers]
                self.headers = dict(pairs)
        elif isinstance(event, h11.Data):
            self.body += event.data[: KEPT_BYTES - len(self.body)]
        elif isinstance(event, h11.EndOfMessage):
            self._end()

    def _end(self) -> None:
        self._finished += 1
        self.complete = self._finished >= self._sending.answers
        if not self.complete:
            # The next answer on this connection, whatever the last one said of closing it.
            rest = self._parser.trailing_data[0]
            self._parser = self._new_parser()
            if rest:  # nothing would mean the end
                self._parser.receive_data(rest)

    def _new_parser(self) -> h11.Connection:
        parser = h11.Connection(our_role=h11.CLIENT, max_incomplete_event_size=CHUNK_BYTES)
        # It reads answers to requests that it has sent: any will do, but HEAD has no body.
        method = self._sending.method if self._sending.method in {"HEAD", "CONNECT"} else "GET"
        parser.send(h11.Request(method=method, target="/", headers=[("Host", "golive")]))
        parser.send(h11.EndOfMessage())
        return parser
