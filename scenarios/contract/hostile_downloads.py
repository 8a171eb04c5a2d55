"""Odd questions about a file that is there, and about files that are not."""

from collections.abc import Iterator
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

NOWHERE = (400, 403, 404, 414)
WHOLE_OR_REFUSED = (200, 206, 400, 416)
PAGE_OR_REFUSED = (200, 400, 422)
RANGES = ",".join(f"{place}-{place}" for place in range(500))
NOBODYS = "00000000-0000-0000-0000-000000000000"


@dataclass(frozen=True)
class File:
    """An upload that is there."""

    gate: Gate
    upload_id: str

    def ask(self, key: str, upload_id: str = "", query: str = "", **headers: str) -> Sending:
        """One of the target's calls, about this upload or another."""
        line: str = getattr(self.gate.target.uploads, key) or ""
        method, _, path = line.partition(" ")
        url = self.gate.url(path.replace("{id}", upload_id or self.upload_id)) + query
        more = [(name.replace("_", "-"), text) for name, text in headers.items()]
        return request(method, url, [*self.gate.raw.credential, *more])

    def download(self, **headers: str) -> Sending:
        """The download, with more headers."""
        return self.ask("download", **headers)


def strange_id(name: str, upload_id: str) -> Case[File]:
    """A case about an id that is none."""
    return Case(name, lambda it: it.ask("download", upload_id), NOWHERE)


def page(name: str, query: str) -> Case[File]:
    """A case about a page of the listing."""
    return Case(name, lambda it: it.ask("listing", query=query), PAGE_OR_REFUSED)


IDS = (
    strange_id("nobody's id", NOBODYS),
    strange_id("a number", "1"),
    strange_id("a negative number", "-1"),
    strange_id("a path", "..%2f..%2f..%2fetc%2fpasswd"),
    strange_id("a path, escaped twice", "%252e%252e%252f1"),
    strange_id("a NUL", "1%00"),
    strange_id("a piece of SQL", "1'%20or%20'1'='1"),
    strange_id("a star", "*"),
    strange_id("not ASCII", "%F0%9F%92%A3"),
    strange_id("not UTF-8", "%ff%fe"),
    strange_id("four kilobytes", "a" * 4_000),
    strange_id("braces", "%7Bid%7D"),
    strange_id("markup", "%3Cscript%3E"),
    strange_id("an object's key", f"uploads%2f{NOBODYS}.csv"),
)

PARTS: tuple[Case[File], ...] = (
    Case("a part beyond the end", lambda it: it.download(Range="bytes=99999999-"), (200, 416)),
    Case("500 parts", lambda it: it.download(Range=f"bytes={RANGES}"), WHOLE_OR_REFUSED),
    Case(
        "a part that ends before it begins",
        lambda it: it.download(Range="bytes=5-2"),
        WHOLE_OR_REFUSED,
    ),
    Case("no bytes from the end", lambda it: it.download(Range="bytes=-0"), WHOLE_OR_REFUSED),
    Case("a part of words", lambda it: it.download(Range="bytes=a-b"), WHOLE_OR_REFUSED),
    Case("parts of another unit", lambda it: it.download(Range="lines=0-1"), WHOLE_OR_REFUSED),
    Case(
        "a part beyond all numbers",
        lambda it: it.download(Range=f"bytes=0-{'9' * 40}"),
        WHOLE_OR_REFUSED,
    ),
    Case(
        "a part of another version",
        lambda it: it.download(Range="bytes=0-1", If_Range='"x"'),
        (200, 412),
    ),
    Case(
        "six kilobytes of versions",
        lambda it: it.download(If_None_Match='"a",' * 1_500),
        (200, 304, 400, 431),
    ),
    Case("another encoding", lambda it: it.download(Accept_Encoding="golive;q=9"), (200, 406)),
    Case("another type", lambda it: it.download(Accept="application/x-golive"), (200, 406)),
)

PAGES = (
    page("a page of a thousand million", "?limit=1000000000"),
    page("a page of nothing", "?limit=0"),
    page("a page of less", "?limit=-1"),
    page("a page of words", "?limit=all"),
    page("a page beyond all numbers", f"?limit={'9' * 40}"),
    page("a broken cursor", "?cursor=golive"),
    page("a cursor of four kilobytes", f"?cursor={'a' * 4_000}"),
    page("a cursor that is not UTF-8", "?cursor=%ff"),
    page("a column to sort by", "?sort=password&order=desc;drop"),
    page("a list", "?limit[]=1&limit[a]=b"),
    page("a thousand of one name", "?" + "&".join(["limit=1"] * 800)),
)


@scenario(
    needs=[Capability.UPLOADS],
    requires=["uploads.download"],
    evidence=Tried,
    check=all_refused,
    remediation="Read ids, ranges and pages strictly: what is no id is not found, what is no range "
    "is the whole file or a 416.",
    deadline_seconds=90.0,
)
def hostile_downloads(gate: Gate) -> Iterator[Tried]:
    """A strange question about a file is answered or refused, never with another file."""
    upload_id = gate.uploads.accepted_id(gate.uploads.send(gate.uploads.sample(rows=3)))
    if upload_id is None:
        return
    for case in (*IDS, *PARTS, *(PAGES if gate.target.has("uploads.listing") else ())):
        tried, reply = attempt(gate, case, File(gate, upload_id))
        leaked = case in IDS and b"IBAN" in reply.body
        yield replace(tried, happened="it was given a file" if leaked else "")
