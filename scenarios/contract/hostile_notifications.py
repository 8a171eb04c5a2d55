"""Notifications with a right signature and something else wrong."""

import gzip
import json
from collections.abc import Iterator

from golive.api import (
    REFUSED,
    Capability,
    Case,
    Forger,
    Gate,
    Sending,
    Tried,
    all_refused,
    forge_all,
    request,
    scenario,
)

JSON = "application/json"
TAKEN_OR_NOT = (200, 202, 204, *REFUSED)
"""A service may take it or not; it must only not break, and do nothing twice."""
KILOBYTES = 10 * 1024
LIMIT_BYTES = 64 * 1024
LARGE_BYTES = 10 * 1024 * 1024
BOMB_BYTES = 50 * 1024 * 1024


def as_json(forger: Forger, **changes: object) -> Sending:
    """An honest notification as JSON, with changes."""
    return forger.body(json.dumps({**forger.fields(), **changes}).encode(), JSON)


def by(method: str, forger: Forger) -> Sending:
    """An honest form sent by another method."""
    content = b"" if method in {"GET", "HEAD"} else b"unique_id=1"
    headers = (("Content-Type", "application/x-www-form-urlencoded"),)
    return request(method, forger.url, headers, content)


def plain(forger: Forger) -> bytes:
    """An honest form's body."""
    return "&".join(f"{name}={text}" for name, text in forger.fields().items()).encode()


IDS: tuple[Case[Forger], ...] = (
    Case("no id", lambda it: it.form(unique_id=None)),
    Case("an empty id", lambda it: it.form(unique_id="")),
    Case("an id of ten kilobytes", lambda it: it.form(unique_id="a" * KILOBYTES)),
    Case("a NUL in the id", lambda it: it.form(unique_id=f"{it.unique_id}\0x")),
    Case("an id that is not ASCII", lambda it: it.form(unique_id="zahlung-ü")),
    Case("an id of path characters", lambda it: it.form(unique_id="../../etc/passwd")),
    Case("an id with a line end", lambda it: it.form(unique_id=f"{it.unique_id}\r\nSET x 1")),
    Case("an id of markup", lambda it: it.form(unique_id="</unique_id><unique_id>1")),
    Case(
        "the id twice",
        lambda it: it.pairs(*it.fields().items(), ("unique_id", it.unique_id)),
    ),
    Case("two ids", lambda it: it.pairs(("unique_id", "another"), *it.fields().items())),
    Case("two kinds of id", lambda it: it.form(wpf_unique_id="another")),
)

FIELDS: tuple[Case[Forger], ...] = (
    Case("no status", lambda it: it.form(status=None)),
    Case("an empty status", lambda it: it.form(status="")),
    Case("a status of ten kilobytes", lambda it: it.form(status="a" * KILOBYTES)),
    Case("a NUL in the status", lambda it: it.form(status="approved\0")),
    Case("a status of markup", lambda it: it.form(status="<script>alert(1)</script>")),
    Case("an event of ten kilobytes", lambda it: it.form(event="a" * KILOBYTES)),
    Case("an unknown status", lambda it: it.form(status="golive_unknown"), TAKEN_OR_NOT),
    Case("an unknown type", lambda it: it.form(transaction_type="golive"), TAKEN_OR_NOT),
    Case("a negative amount", lambda it: it.form(amount="-1000"), TAKEN_OR_NOT),
    Case("a huge amount", lambda it: it.form(amount="9" * 40), TAKEN_OR_NOT),
    Case("an amount in words", lambda it: it.form(amount="a lot"), TAKEN_OR_NOT),
    Case("a decimal amount", lambda it: it.form(amount="10.50"), TAKEN_OR_NOT),
    Case("an amount that is not a number", lambda it: it.form(amount="NaN"), TAKEN_OR_NOT),
    Case("an amount in Arabic digits", lambda it: it.form(amount="\u0661\u0660"), TAKEN_OR_NOT),
    Case(
        "our id of ten kilobytes", lambda it: it.form(transaction_id="a" * KILOBYTES), TAKEN_OR_NOT
    ),
    Case("our id of SQL", lambda it: it.form(transaction_id="'; drop table x; --"), TAKEN_OR_NOT),
)

JSONS: tuple[Case[Forger], ...] = (
    Case("JSON that ends early", lambda it: it.body(b'{"unique_id": "', JSON)),
    Case("a JSON list", lambda it: it.body(b"[]", JSON)),
    Case("a JSON null", lambda it: it.body(b"null", JSON)),
    Case("JSON 30 000 deep", lambda it: it.body(b"[" * 30_000 + b"]" * 30_000, JSON)),
    Case("a signature that is a number", lambda it: as_json(it, signature=1)),
    Case("a signature that is true", lambda it: as_json(it, signature=True)),
    Case("a signature that is a list", lambda it: as_json(it, signature=[it.signature()])),
    Case("an id that is an object", lambda it: as_json(it, unique_id={"$ne": ""})),
    Case("a lone surrogate", lambda it: as_json(it, status="\ud800")),
    Case(
        "a name twice in JSON",
        lambda it: it.body(b'{"unique_id":"1",' + json.dumps(it.fields()).encode()[1:], JSON),
    ),
)

BODIES: tuple[Case[Forger], ...] = (
    Case("no body", lambda it: it.body(b"")),
    Case("a form that calls itself JSON", lambda it: it.body(plain(it), JSON)),
    Case("JSON that calls itself a form", lambda it: it.body(json.dumps(it.fields()).encode())),
    Case("plain text", lambda it: it.body(plain(it), "text/plain")),
    Case("no type", lambda it: it.body(plain(it), None)),
    Case("XML", lambda it: it.body(b"<notification/>", "application/xml")),
    Case("a multipart form", lambda it: it.body(b"--a--\r\n", "multipart/form-data; boundary=a")),
    Case("invalid UTF-8", lambda it: it.form(status="appr\udcffved")),
    Case("5 000 parameters", lambda it: it.body(plain(it) + b"&a=b" * 5_000)),
    Case("one byte over 64 KiB", lambda it: it.body(plain(it).ljust(LIMIT_BYTES + 1, b"a"))),
    Case("ten megabytes", lambda it: it.body(plain(it).ljust(LARGE_BYTES, b"a")), may_close=True),
    Case(
        "a compressed bomb",
        lambda it: it.body(
            gzip.compress(bytes(BOMB_BYTES), 1)[:LIMIT_BYTES],
            "application/x-www-form-urlencoded",
            ("Content-Encoding", "gzip"),
        ),
    ),
    Case("by GET", lambda it: by("GET", it)),
    Case("by HEAD", lambda it: by("HEAD", it)),
    Case("by PUT", lambda it: by("PUT", it)),
    Case("by DELETE", lambda it: by("DELETE", it)),
    Case("by PATCH", lambda it: by("PATCH", it)),
)


@scenario(
    needs=[Capability.WEBHOOK],
    evidence=Tried,
    check=all_refused,
    remediation="Read the notification strictly: what cannot be read and stored exactly as it is "
    "was not sent by the gateway.",
    deadline_seconds=120.0,
)
def hostile_notifications(gate: Gate) -> Iterator[Tried]:
    """A malformed notification is refused, breaks nothing and has no effect."""
    yield from forge_all(gate, (*IDS, *FIELDS, *JSONS, *BODIES))
