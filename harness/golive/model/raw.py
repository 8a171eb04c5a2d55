"""Requests as bytes: what no HTTP library would send, and what came back."""

import shlex
from collections.abc import Iterable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol

SHOWN_BYTES = 300
Header = tuple[str, str]


@dataclass(frozen=True)
class Sending:
    """What is sent over one connection. `shown` is how a person sends it again.

    The pieces may have no end. Between two of them the peer is listened to for `pause_seconds`.
    """

    method: str
    pieces: Iterable[bytes]
    shown: str
    pause_seconds: float = 0.0
    answers: int = 1
    """How many answers are waited for."""


@dataclass(frozen=True)
class RawReply:
    """What came back. `statuses` holds every answer; `ending` is `answered`, `closed` without an
    answer, or `silent`.
    """

    statuses: tuple[int, ...]
    headers: Mapping[str, str]
    body: bytes
    ending: str
    milliseconds: float
    sent_bytes: int

    @property
    def status(self) -> int | None:
        """The first answer."""
        return self.statuses[0] if self.statuses else None


def request(
    method: str,
    url: str,
    headers: Iterable[Header] = (),
    body: bytes | None = None,
    *,
    told: Iterable[Header] | None = None,
) -> Sending:
    """A well-formed request on a connection of its own. Headers may hold any character.

    `told` are the headers as the shell line shows them, where those that are sent must stay secret.
    """
    headers = tuple(headers)
    _, _, rest = url.partition("://")
    authority, slash, path = rest.partition("/")
    named = [*headers]
    if not any(name.lower() == "host" for name, _ in named):
        named.insert(0, ("Host", authority))
    if body is not None and not any(name.lower() in FRAMING for name, _ in named):
        named.append(("Content-Length", str(len(body))))
    named.append(("Connection", "close"))
    head = f"{method} {slash}{path} HTTP/1.1\r\n"
    head += "".join(f"{name}: {value}\r\n" for name, value in named)
    wire = head.encode("utf-8", "surrogateescape") + b"\r\n" + (body or b"")
    line = curl(method, url, headers if told is None else told, body)
    return Sending(method, (wire,), line)


FRAMING = ("content-length", "transfer-encoding")


def curl(method: str, url: str, headers: Iterable[Header], body: bytes | None) -> str:
    """The shell line that sends a request again; of a long body its beginning."""
    words = ["curl", "-i", "-X", method]
    for name, value in headers:
        words += ["-H", shown(f"{name}: {value}".encode("utf-8", "surrogateescape"))]
    if body is not None:
        words += ["--data-binary", shown(body)]
    return shlex.join([*words, url[:SHOWN_BYTES]])


def shown(content: bytes) -> str:
    """Bytes as text, every odd one escaped, a long rest counted."""
    text = content[:SHOWN_BYTES].decode("ascii", "backslashreplace")
    rest = len(content) - SHOWN_BYTES
    return f"{text}… and {rest} bytes more" if rest > 0 else text


def as_bytes(method: str, *pieces: bytes, pause_seconds: float = 0.0, answers: int = 1) -> Sending:
    """Bytes that are no well-formed request, as they are."""
    told = shown(b"".join(pieces)).encode("unicode_escape").decode()
    return Sending(method, pieces, f"bytes: {told}", pause_seconds, answers)


class RawPort(Protocol):
    """Connections to the balancer, one for each sending."""

    @property
    def authority(self) -> str:
        """Host and port, as the header Host has them."""

    @property
    def credential(self) -> tuple[Header, ...]:
        """The header with the target's token, none where the target file names no token."""

    @property
    def other_credential(self) -> tuple[Header, ...]:
        """The same of another account."""

    def idle(self, count: int) -> AbstractContextManager[int]:
        """So many open connections that say nothing; gives how many there really are."""

    def exchange(self, sending: Sending, *, within_seconds: float) -> RawReply:
        """Send, and listen meanwhile, until the answers are there or the time is over."""
