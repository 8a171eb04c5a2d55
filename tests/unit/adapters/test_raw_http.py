"""Raw exchanges against a real socket that says what it is told."""

import resource
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from itertools import repeat
from typing import Any

import pytest

from golive.adapters.raw_http import Credentials, RawAdapter
from golive.errors import UnreachableError
from golive.model.raw import RawReply, Sending, as_bytes, request

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


class Recorded:
    """Keeps what a completed operation said."""

    def __init__(self) -> None:
        self.facts: dict[str, Any] = {}

    @contextmanager
    def operation(self, _name: str, **facts: Any) -> Iterator["Recorded"]:
        """Record an invoke."""
        self.facts = facts
        yield self

    def ok(self, **facts: Any) -> None:
        """Record the completion."""
        self.facts |= facts

    fail = ok


@pytest.fixture
def peer() -> Callable[[bytes, bool], AbstractContextManager[str]]:
    """A server that reads once, says one thing, and closes or stays."""

    @contextmanager
    def serve(says: bytes, closes: bool) -> Iterator[str]:
        with socket.create_server(("127.0.0.1", 0)) as server:
            over = threading.Event()

            def answer() -> None:
                connection, _ = server.accept()
                with connection:
                    connection.recv(1024)
                    connection.sendall(says)
                    if not closes:
                        over.wait(10)

            thread = threading.Thread(target=answer)
            thread.start()
            yield f"http://127.0.0.1:{server.getsockname()[1]}"
            over.set()
            thread.join()

    return serve


def exchange(url: str, sending: Sending, within_seconds: float = 2.0) -> RawReply:
    """One exchange."""
    adapter = RawAdapter(url, Credentials(), Recorded())  # type: ignore[arg-type]
    return adapter.exchange(sending, within_seconds=within_seconds)


def test_an_answer_is_read_as_soon_as_it_is_whole(peer) -> None:
    """A connection that stays open costs no time."""
    with peer(OK, False) as url:
        reply = exchange(url, request("GET", f"{url}/"))

    assert (reply.status, reply.body, reply.ending) == (200, b"ok", "answered")
    assert reply.milliseconds < 1000


def test_every_answer_on_a_connection_counts(peer) -> None:
    """What a hidden request is answered does not escape."""
    with peer(OK + OK.replace(b"200", b"404"), True) as url:
        reply = exchange(url, as_bytes("GET", b"GET / HTTP/1.1\r\n\r\n", answers=2))

    assert reply.statuses == (200, 404)


@pytest.mark.parametrize(
    "says, closes, ending",
    [(b"", True, "closed"), (b"", False, "silent"), (b"???\r\n\r\n", True, "closed")],
)
def test_no_answer_is_told_apart(peer, says: bytes, closes: bool, ending: str) -> None:
    """A close, silence, and what is no HTTP."""
    with peer(says, closes) as url:
        reply = exchange(url, request("GET", f"{url}/"), within_seconds=0.3)

    assert (reply.status, reply.ending) == (None, ending)


def test_sending_without_end_stops_with_the_answer(peer) -> None:
    """Nobody has to send all of an endless body to learn that it was refused."""
    with peer(b"HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\n\r\n", False) as url:
        sending = Sending("POST", repeat(b"POST / HTTP/1.1\r\n"), "without end", pause_seconds=0.05)
        reply = exchange(url, sending)

    assert reply.status == 413
    assert reply.milliseconds < 1000


def test_nobody_listening_is_unreachable() -> None:
    """A target that is away is not a target that refuses."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        url = f"http://127.0.0.1:{server.getsockname()[1]}"

    with pytest.raises(UnreachableError):
        exchange(url, request("GET", f"{url}/"))


def test_more_connections_may_be_open_than_a_process_usually_has_files(peer) -> None:
    """Beside a thousand that say nothing, requests are still sent and their answers read."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (1024, hard))
    crowd = socket.create_server(("127.0.0.1", 0), backlog=2_000)
    with crowd, peer(OK, False) as url:
        adapter = RawAdapter(
            f"http://127.0.0.1:{crowd.getsockname()[1]}", Credentials(), Recorded()
        )  # type: ignore[arg-type]
        with adapter.idle(1_100) as opened:
            reply = exchange(url, request("GET", f"{url}/"))
        still = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))

    assert (opened, reply.status, still) == (1_100, 200, 1024)


def test_a_shell_line_hides_what_must_stay_secret() -> None:
    """Headers that are nearly a token are told by another word."""
    sending = request("GET", "http://x/", [("A", "secre")], told=[("A", "...")])

    assert "secre" not in sending.shown
    assert "A: ..." in sending.shown
    assert b"A: secre\r\n" in b"".join(sending.pieces)
