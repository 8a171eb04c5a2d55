"""Calls that need the target's token, with nearly that token."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from golive.api import (
    Capability,
    Case,
    Gate,
    Sending,
    Tried,
    all_refused,
    attempt,
    request,
    scenario,
)

CLOSED = (400, 401, 403, 431)
LONG = 6_000


@dataclass(frozen=True)
class Door:
    """A call that needs a token."""

    gate: Gate
    method: str
    path: str

    @property
    def token(self) -> str:
        """The token alone."""
        section = self.gate.target.uploads
        (_, value), *_ = self.gate.raw.credential
        return value.removeprefix(section.token_prefix if section else "")

    def with_headers(self, *headers: tuple[str, str]) -> Sending:
        """The call with these headers alone. Nearly the token is too much to be shown."""
        content_type = (("Content-Type", "multipart/form-data; boundary=golive"),)
        body, typed = (None, ()) if self.method == "GET" else (b"--golive--\r\n", content_type)
        told = [(name, "...") for name, _ in headers]
        url = self.gate.url(self.path)
        return request(self.method, url, (*typed, *headers), body, told=(*typed, *told))

    def with_value(self, value: str) -> Sending:
        """The call with another value in the token's header."""
        (name, _), *_ = self.gate.raw.credential
        return self.with_headers((name, value))


def value(name: str, make: Callable[[str], str]) -> Case[Door]:
    """A case in which the header's value is made of the token."""
    return Case(name, lambda it: it.with_value(make(it.token)), CLOSED, may_close=True)


CASES: tuple[Case[Door], ...] = (
    Case("no token", lambda it: it.with_headers(), CLOSED),
    value("an empty header", lambda _: ""),
    value("the scheme alone", lambda _: "Bearer"),
    value("another scheme", lambda token: f"Basic {token}"),
    value("an unknown scheme", lambda token: f"Golive {token}"),
    value("without its last character", lambda token: f"Bearer {token[:-1]}"),
    value("one character more", lambda token: f"Bearer {token}a"),
    value("its first half", lambda token: f"Bearer {token[: len(token) // 2]}"),
    value("its case swapped", lambda token: f"Bearer {token.swapcase()}"),
    value("backwards", lambda token: f"Bearer {token[::-1]}"),
    value("two tokens", lambda token: f"Bearer {token} {token}"),
    value("a list of tokens", lambda token: f"Bearer wrong, Bearer {token}"),
    value("in quotes", lambda token: f'Bearer "{token}"'),
    value("a piece of SQL", lambda _: "Bearer ' or '1'='1"),
    value("the word null", lambda _: "Bearer null"),
    value("a star", lambda _: "Bearer *"),
    value("a JWT that nobody signed", lambda _: "Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiIxIn0."),
    value("six kilobytes", lambda _: f"Bearer {'a' * LONG}"),
    value("bytes that are no text", lambda _: "Bearer \udcff\udcfe"),
    # Not in the address: from then on the token would be in the target's own logs.
    Case("in a cookie", lambda it: it.with_headers(("Cookie", f"token={it.token}")), CLOSED),
    Case("in another header", lambda it: it.with_headers(("X-Api-Key", it.token)), CLOSED),
    Case("a user by a header", lambda it: it.with_headers(("X-Forwarded-User", "admin")), CLOSED),
    Case("from this machine", lambda it: it.with_headers(("X-Forwarded-For", "127.0.0.1")), CLOSED),
    Case(
        "a wrong one before the right one",
        lambda it: it.with_headers(("Authorization", "Bearer wrong"), *it.gate.raw.credential),
        CLOSED,
        may_close=True,
    ),
)


def doors(gate: Gate) -> Iterator[Door]:
    """Every call of the uploads, about an id that nobody has."""
    section = gate.target.uploads
    lines = (
        (section.create, section.status, section.download, section.debtors, section.listing)
        if section
        else ()
    )
    for line in filter(None, lines):
        method, _, path = line.partition(" ")
        yield Door(gate, method, path.replace("{id}", "00000000-0000-0000-0000-000000000000"))


@scenario(
    needs=[Capability.UPLOADS],
    requires=["uploads.token_env"],
    evidence=Tried,
    check=all_refused,
    remediation="Take the token from one header only and compare all of it; every call of the "
    "uploads must do so before anything else.",
    deadline_seconds=90.0,
)
def hostile_tokens(gate: Gate) -> Iterator[Tried]:
    """Every call of the uploads is closed to whoever has nearly the right token."""
    for number, door in enumerate(doors(gate)):
        # All cases at the first door, at the others those that need no thought to try.
        for case in CASES if not number else (*CASES[:3], CASES[5]):
            tried, _ = attempt(gate, case, door)
            yield replace(tried, case=f"{door.method} {door.path}, {case.name}")
