"""Requests that break HTTP itself: framing that two readers understand differently, and excess."""

from collections.abc import Iterator
from dataclasses import replace

from golive.api import (
    Capability,
    Case,
    Gate,
    RawReply,
    Sending,
    Tried,
    all_refused,
    as_bytes,
    attempt,
    scenario,
)

BROKEN = (4, 501, 505)
"""Refused, as a bad request or as one of a kind that is not spoken here."""
HARMLESS = (200, 204, *BROKEN)
NOWHERE = (400, 403, 404, 405, 414)
STRANGER = "golive-stranger.invalid"
LARGE = 100_000
HELLO_OF_TLS = b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(64)


def head(gate: Gate, first: str, *lines: str, host: str | None = None) -> bytes:
    """The head of a request: its first line, Host, and more lines."""
    host = f"Host: {gate.raw.authority}" if host is None else host
    whole = [first, *([host] if host else []), *lines, "", ""]
    return "\r\n".join(whole).encode("utf-8", "surrogateescape")


def get(gate: Gate, *lines: str, path: str | None = None, host: str | None = None) -> Sending:
    """The health check, or another path, with more lines."""
    path = gate.target.target.health if path is None else path
    content = head(gate, f"GET {path} HTTP/1.1", *lines, "Connection: close", host=host)
    return as_bytes("GET", content)


def post(gate: Gate, *lines: str, body: bytes = b"") -> Sending:
    """A POST, whose framing is what the lines say, with a request hidden behind it."""
    hidden = head(gate, f"GET {gate.target.target.health} HTTP/1.1", "Connection: close")
    content = head(gate, f"POST {gate.target.target.health} HTTP/1.1", *lines)
    return as_bytes("POST", content, body + hidden, answers=2)


def line(gate: Gate, first: str) -> Sending:
    """A request with another first line."""
    return as_bytes(first.partition(" ")[0], head(gate, first, "Connection: close"))


def pipelined(gate: Gate, count: int) -> Sending:
    """Requests that do not wait for each other's answers."""
    one = head(gate, f"GET {gate.target.target.health} HTTP/1.1")
    return as_bytes("GET", *[one] * (count - 1), get(gate).pieces[0], answers=count)  # type: ignore[index]


def framed(name: str, *lines: str, body: bytes = b"") -> Case[Gate]:
    """A case of framing: nothing that is hidden behind it may be answered."""
    make = lambda gate: post(gate, *lines, body=body)  # noqa: E731
    return Case(name, make, BROKEN, may_close=True, within_seconds=5.0)


CHUNKED, LENGTH = "Transfer-Encoding: chunked", "Content-Length: 5"
END = b"0\r\n\r\n"

FRAMING = (
    framed("a length and chunks", LENGTH, CHUNKED, body=END),
    framed("chunks and a length", CHUNKED, LENGTH, body=END),
    framed("two lengths", "Content-Length: 0", LENGTH, body=b"hello"),
    framed("one length twice", LENGTH, LENGTH, body=b"hello"),
    framed("a list of lengths", "Content-Length: 5, 6", body=b"hello"),
    framed("a negative length", "Content-Length: -5"),
    framed("a length with a sign", "Content-Length: +5", body=b"hello"),
    framed("a length in hex", "Content-Length: 0x5", body=b"hello"),
    framed("a length of words", "Content-Length: five", body=b"hello"),
    framed("a length beyond all numbers", f"Content-Length: {'9' * 40}"),
    framed("an unknown coding", "Transfer-Encoding: xchunked", body=END),
    framed("a coding after a tab", "Transfer-Encoding: \x0bchunked", body=END),
    framed("two codings", CHUNKED, "Transfer-Encoding: identity", body=END),
    framed("chunks of a negative size", CHUNKED, body=b"-5\r\nhello\r\n" + END),
    framed("chunks of a size beyond all numbers", CHUNKED, body=b"f" * 40 + b"\r\nhello\r\n" + END),
    framed("chunks of no size", CHUNKED, body=b"hello\r\n" + END),
)

LINES: tuple[Case[Gate], ...] = (
    Case("no Host", lambda it: get(it, host=""), BROKEN, may_close=True),
    Case("two Hosts", lambda it: get(it, f"Host: {STRANGER}"), BROKEN, may_close=True),
    Case("a Host of markup", lambda it: get(it, host="Host: <script>"), BROKEN, may_close=True),
    Case("another Host", lambda it: get(it, host=f"Host: {STRANGER}"), HARMLESS),
    Case("a forwarded host", lambda it: get(it, f"X-Forwarded-Host: {STRANGER}"), HARMLESS),
    Case("an address elsewhere", lambda it: line(it, f"GET http://{STRANGER}/ HTTP/1.1"), NOWHERE),
    Case("a NUL in a header", lambda it: get(it, "X-Golive: a\0b"), BROKEN, may_close=True),
    Case("a blank in a header's name", lambda it: get(it, "X Golive: a"), HARMLESS, may_close=True),
    Case("a header without a colon", lambda it: get(it, "golive"), HARMLESS, may_close=True),
    Case("a header of 100 kB", lambda it: get(it, f"X-Golive: {'a' * LARGE}"), may_close=True),
    Case("2 000 headers", lambda it: get(it, *["X-Golive: a"] * 2_000), may_close=True),
    Case("bytes that are no text", lambda it: get(it, "X-Golive: \udcff\udcfe"), HARMLESS),
    Case("another method by a header", lambda it: get(it, "X-HTTP-Method-Override: PUT"), HARMLESS),
    Case("another path by a header", lambda it: get(it, "X-Original-URL: /metrics"), HARMLESS),
    Case("an unknown expectation", lambda it: get(it, "Expect: golive"), HARMLESS),
    Case("an upgrade to HTTP/2", lambda it: get(it, "Upgrade: h2c"), HARMLESS),
)

METHODS: tuple[Case[Gate], ...] = (
    Case("an unknown method", lambda it: line(it, "GOLIVE / HTTP/1.1"), BROKEN, may_close=True),
    Case("a method in lower case", lambda it: line(it, "get / HTTP/1.1"), BROKEN, may_close=True),
    Case("a proxy's method", lambda it: line(it, f"CONNECT {STRANGER}:443 HTTP/1.1"), BROKEN),
    Case("TRACE", lambda it: line(it, "TRACE /health HTTP/1.1"), BROKEN),
    Case("HTTP/0.9", lambda _: as_bytes("GET", b"GET /\r\n"), BROKEN, may_close=True),
    Case("HTTP/9.9", lambda it: line(it, "GET / HTTP/9.9"), BROKEN, may_close=True),
    Case("no version", lambda it: line(it, "GET / HTTP"), BROKEN, may_close=True),
    Case("TLS where none is", lambda _: as_bytes("GET", HELLO_OF_TLS), BROKEN, may_close=True),
    Case("three requests at once", lambda it: pipelined(it, 3), (200, 204)),
)

PATHS: tuple[Case[Gate], ...] = (
    Case("a path of 100 kB", lambda it: get(it, path=f"/{'a' * LARGE}"), may_close=True),
    Case("a path out of the root", lambda it: get(it, path="/../../etc/passwd"), NOWHERE),
    Case("the same, escaped", lambda it: get(it, path="/%2e%2e/%2e%2e/etc/passwd"), NOWHERE),
    Case("the same, escaped twice", lambda it: get(it, path="/%252e%252e/etc/passwd"), NOWHERE),
    Case("the same, the other way", lambda it: get(it, path="/..\\..\\etc\\passwd"), NOWHERE),
    Case("a NUL in the path", lambda it: get(it, path="/api%00"), NOWHERE),
    Case("a broken escape", lambda it: get(it, path="/api%zz"), NOWHERE),
    Case("a path that looks like a host", lambda it: get(it, path=f"//{STRANGER}/a"), NOWHERE),
    Case("a line end in the path", lambda it: get(it, path="/%0d%0aX-Golive:%20a"), NOWHERE),
    Case(
        "markup in the path", lambda it: get(it, path="/%3Cscript%3Ealert(1)%3C/script%3E"), NOWHERE
    ),
)

CASES = (*FRAMING, *LINES, *METHODS, *PATHS)


def happened(case: Case[Gate], sending: Sending, reply: RawReply) -> str:
    """What an answer shows to have happened though it must not (empty = nothing)."""
    said = f"{reply.headers}{reply.body!r}"
    if sending.method == "POST" and len(reply.statuses) > 1 and case in FRAMING:
        return f"the request hidden behind it was answered {reply.statuses[1]}"
    if STRANGER in said:
        return f"the answer sends its reader to {STRANGER}"
    if "<script>" in said and "html" in reply.headers.get("content-type", ""):
        return "the answer holds the markup as it was sent"
    if 0 < len(reply.statuses) < sending.answers and case not in FRAMING:
        return f"{len(reply.statuses)} of {sending.answers} requests were answered"
    return ""


@scenario(
    needs=[Capability.HTTP],
    evidence=Tried,
    check=all_refused,
    remediation="Let the balancer refuse what it cannot read in one way only, and keep its limits "
    "for headers and addresses; what it lets through the service must refuse.",
    deadline_seconds=90.0,
)
def hostile_http(gate: Gate) -> Iterator[Tried]:
    """A request that breaks HTTP is refused, and hides no other request."""
    for case in CASES:
        tried, reply = attempt(gate, case, gate)
        yield replace(tried, happened=happened(case, case.make(gate), reply))
