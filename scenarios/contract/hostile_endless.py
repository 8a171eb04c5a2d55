"""Requests that never come to their end are given up on."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import chain, repeat

from golive.api import (
    Capability,
    Case,
    Gate,
    Profile,
    Sending,
    Tried,
    all_refused,
    attempt,
    scenario,
)

PATIENCE_SECONDS = 75.0
CHUNK = b"1000\r\n" + b"a" * 4096 + b"\r\n"
FORM = "Content-Type: application/x-www-form-urlencoded"
MULTIPART = "Content-Type: multipart/form-data; boundary=golive"
PREFACE = b'--golive\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\n\r\n'


def begun(gate: Gate, path: str, *lines: str) -> bytes:
    """The head of a request."""
    credential = [f"{name}: {value}" for name, value in gate.raw.credential]
    whole = (f"POST {path} HTTP/1.1", f"Host: {gate.raw.authority}", *credential, *lines, "", "")
    return "\r\n".join(whole).encode()


def slowly(what: str, start: bytes) -> Sending:
    """A byte a second after the start, without end."""
    return Sending("POST", chain((start,), repeat(b"a")), what, pause_seconds=1.0)


def webhook_of(gate: Gate) -> str:
    """The webhook's path."""
    return gate.target.webhook.path if gate.target.webhook else "/"


def uploads_of(gate: Gate) -> str:
    """The path that takes files."""
    return gate.target.uploads.create.partition(" ")[2] if gate.target.uploads else "/"


def endless(
    name: str, lines: tuple[str, ...], *, upload: bool = False, chunked: bool = False
) -> Case[Gate]:
    """A case of a body without end: a byte a second, or chunks as fast as they are taken."""

    def make(gate: Gate) -> Sending:
        start = begun(gate, uploads_of(gate) if upload else webhook_of(gate), *lines)
        if chunked:
            return Sending("POST", chain((start,), repeat(CHUNK)), f"{name}: chunks without end")
        return slowly(f"{name}: one byte a second", start + (PREFACE if upload else b""))

    return Case(name, make, may_close=True, within_seconds=PATIENCE_SECONDS)


CASES = (
    Case(
        "a head of one byte a second",
        lambda it: slowly(
            "one byte a second",
            f"GET / HTTP/1.1\r\nHost: {it.raw.authority}\r\nX-Golive: ".encode(),
        ),
        may_close=True,
        within_seconds=PATIENCE_SECONDS,
    ),
    endless("a notification of one byte a second", (FORM, "Content-Length: 60000")),
    endless("a notification without end", (FORM, "Transfer-Encoding: chunked"), chunked=True),
    endless("an upload of one byte a second", (MULTIPART, "Content-Length: 60000"), upload=True),
    Case(
        "a length that nothing follows",
        lambda it: Sending(
            "POST",
            (begun(it, webhook_of(it), FORM, "Content-Length: 500"),),
            "a length, and nothing after it",
        ),
        may_close=True,
        within_seconds=PATIENCE_SECONDS,
    ),
)


@scenario(
    needs=[Capability.WEBHOOK, Capability.UPLOADS],
    evidence=Tried,
    check=all_refused,
    remediation="Set a deadline for the whole of a request and not only between two bytes of it, "
    "and a limit of size where the balancer collects bodies.",
    profile=Profile.STANDARD,
    deadline_seconds=150.0,
)
def hostile_endless(gate: Gate) -> Iterator[Tried]:
    """A request that never comes to its end is given up on."""
    with ThreadPoolExecutor(len(CASES)) as senders:
        for tried, _ in senders.map(lambda case: attempt(gate, case, gate), CASES):
            yield tried
