"""Large uploads, made while they are sent, and what they cost the service: memory, and files that
nobody removed.
"""

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from itertools import chain

from golive.api.filing import BOUNDARY, Filer, Part, accepted
from golive.errors import UnobservableError, UnreachableError
from golive.model.finding import Ruling, failed, inconclusive, passed
from golive.model.ports import Gate, Uploaded
from golive.model.raw import Header, RawReply, Sending, request
from golive.model.slo import Slo

WRONG = "DE00{number:018},x,1.00{note}\r\n"
"""A row that is no debtor: no IBAN has these check digits."""
ROWS_AT_ONCE = 1_000
SAMPLE_SECONDS = 1.0
REMOVED_SECONDS = 15.0
MEGABYTE = 1_000_000
SAID_BYTES = 300
REFUSALS = 300
"""Statuses from here on are no good health."""


@dataclass
class Watch:
    """What was seen while a service was at work."""

    peaks: dict[str, int] = field(default_factory=dict)
    samples: int = 0
    refused: int = 0
    """Health checks meanwhile that were not answered below 300."""

    @property
    def largest(self) -> str:
        """The process that took most."""
        return max(self.peaks, key=lambda name: self.peaks[name], default="")


@contextmanager
def watched(gate: Gate) -> Iterator[Watch]:
    """Look at the memory of the service's processes, and ask for its health, until the block is
    over.
    """
    watch, over = Watch(), threading.Event()

    def look() -> None:
        while True:
            with suppress(UnobservableError):
                for name, size_bytes in gate.audit.footprint.memory().items():
                    watch.peaks[name] = max(size_bytes, watch.peaks.get(name, 0))
                watch.samples += 1
            watch.refused += not _is_well(gate)
            if over.wait(SAMPLE_SECONDS):
                return

    looking = threading.Thread(target=look, daemon=True)
    looking.start()
    try:
        yield watch
    finally:
        over.set()
        looking.join()


def _is_well(gate: Gate) -> bool:
    with suppress(UnreachableError):
        return gate.http.request("GET", gate.url(gate.target.target.health)).status < REFUSALS
    return False


@dataclass(frozen=True)
class Took:
    """A large or malicious upload: how it was answered, what became of it, and what it cost."""

    what: str
    size_bytes: int
    status: int | None
    said: str
    """The beginning of the answer."""
    ending: str
    became: str
    """The status of an accepted upload."""
    waiting: bool
    done: bool
    created: int | None
    expected: int
    """How many debtors there are in it."""
    seconds: float
    samples: int
    largest: str
    largest_bytes: int
    limit_bytes: int
    refused: int
    left: tuple[str, ...]
    """Temporary files that were not there before."""


@dataclass(frozen=True)
class Heavy:
    """An upload that could cost much, and how many debtors there are in it."""

    what: str
    sending: Sending
    size_bytes: int
    debtors: int = 0


def upload_watched(
    filer: Filer, heavy: Heavy, *, send_seconds: float = 10.0, settle_seconds: float = 60.0
) -> Took:
    """Send, wait until the file is settled, and look at the service meanwhile and afterwards."""
    gate, answer = filer.gate, filer.section.answer
    footprint, section = gate.audit.footprint, gate.target.observe.footprint
    before = footprint.temporary()
    with watched(gate) as watch:
        reply = gate.raw.exchange(heavy.sending, within_seconds=send_seconds)
        upload_id = accepted(filer, reply)
        settled = (
            gate.uploads.settled(upload_id, within_seconds=settle_seconds)
            if upload_id
            else Uploaded("", "", None)
        )
    left = gate.until(
        lambda: footprint.temporary() - before,
        lambda files: not files,
        within_seconds=REMOVED_SECONDS,
    )
    return Took(
        what=heavy.what,
        size_bytes=heavy.size_bytes,
        status=reply.status,
        said=_words(reply),
        ending=reply.ending,
        became=settled.status,
        waiting=settled.status in answer.waiting,
        done=settled.status in answer.done,
        created=settled.created,
        expected=heavy.debtors,
        seconds=round(reply.milliseconds / 1000, 1),
        samples=watch.samples,
        largest=watch.largest,
        largest_bytes=watch.peaks.get(watch.largest, 0),
        limit_bytes=section.limit_bytes if section else 0,
        refused=watch.refused,
        left=tuple(sorted(left)),
    )


def _words(reply: RawReply) -> str:
    return reply.body[:SAID_BYTES].decode(errors="replace").strip()


def within_limits(seen: Sequence[Took], _slo: Slo) -> Ruling:
    """Each was answered, came to its end, cost no more than it may, and left nothing behind."""
    for one in seen:
        if wrong := _wrong(one):
            return failed(f"{one.what}: {wrong}", **_figures(seen))
    if unseen := [one.what for one in seen if not one.samples]:
        return inconclusive(f"{unseen[0]}: the memory of the service was not to be seen")
    largest = max(seen, key=lambda one: one.largest_bytes, default=None)
    if largest is None:
        return inconclusive("nothing was sent")
    told = "; ".join(f"{one.what}: {one.became or f'refused with {one.status}'}" for one in seen)
    peak = f"{largest.largest} took {largest.largest_bytes // MEGABYTE} MB at the most"
    return passed(f"{told}; {peak}, and no temporary file is left", **_figures(seen))


def _figures(seen: Sequence[Took]) -> dict[str, float]:
    return {
        "largest_mb": max(one.largest_bytes // MEGABYTE for one in seen),
        "sent_mb": sum(one.size_bytes for one in seen) // MEGABYTE,
        "seconds": max(one.seconds for one in seen),
    }


def _wrong(one: Took) -> str:
    """What is wrong (empty = nothing)."""
    if one.status is None:
        return f"no answer, the connection was {one.ending}"
    if not one.became and one.status // 100 != 4:  # noqa: PLR2004
        return f"answered {one.status}"
    if not one.became and not one.said:
        return f"refused with {one.status} and without a word"
    if one.waiting:
        return f"still {one.became!r}"
    if one.done and one.created not in {None, one.expected}:
        return f"{one.created} debtors were made of it, not {one.expected}"
    if one.refused:
        return f"{one.refused} health checks were refused meanwhile"
    if one.largest_bytes > one.limit_bytes:
        size, limit = one.largest_bytes // MEGABYTE, one.limit_bytes // MEGABYTE
        return f"{one.largest} took {size} MB, more than {limit}"
    return f"left {len(one.left)} temporary files, such as {one.left[0]}" if one.left else ""


@dataclass(frozen=True)
class Bulk:
    """A CSV of many rows, of which only the last is a debtor: nobody is left with a million."""

    what: str
    rows: int
    note_characters: int = 0
    pause_seconds: float = 0.0
    """After each block of rows."""
    rows_at_once: int = ROWS_AT_ONCE

    @property
    def note(self) -> str:
        """A column more that makes the rows as long as they shall be."""
        return f",{'n' * self.note_characters}" if self.note_characters else ""

    @property
    def size_bytes(self) -> int:
        """Of the rows."""
        return len(WRONG.format(number=0, note=self.note)) * self.rows

    def blocks(self) -> Iterator[bytes]:
        """The rows that are no debtors, some at once."""
        for first in range(0, self.rows, self.rows_at_once):
            numbers = range(first, min(first + self.rows_at_once, self.rows))
            yield "".join(WRONG.format(number=n, note=self.note) for n in numbers).encode()

    def heavy(self, filer: Filer) -> Heavy:
        """The upload, made while it is sent."""
        debtor = filer.gate.uploads.sample(rows=1).rows[0]
        header = f"{filer.header()}{',Note' if self.note else ''}\r\n"
        last = f"{debtor.iban},{debtor.name},{debtor.amount_cents / 100:.2f}\r\n"
        sending = streamed(filer, self, header.encode(), last.encode())
        return Heavy(self.what, sending, self.size_bytes, debtors=1)


def streamed(filer: Filer, bulk: Bulk, first: bytes, last: bytes) -> Sending:
    """A form with one file: the first lines, the blocks of rows, the last lines."""
    name = f"{filer.gate.marker}.csv"
    head = f'name="{filer.section.file_field}"; filename="{name}"'
    start = f"--{BOUNDARY}\r\n".encode() + Part(head, first, "text/csv").encoded()
    fields = [f"--{BOUNDARY}\r\n".encode() + part.encoded() for part in filer.fields()]
    end = last + b"\r\n" + b"".join(fields) + f"--{BOUNDARY}--\r\n".encode()
    # Behind the part's content stands its line end, which belongs behind the last lines.
    start = start.removesuffix(b"\r\n")
    size = len(start) + bulk.size_bytes + len(end)
    typed: tuple[Header, ...] = (
        ("Content-Type", f"multipart/form-data; boundary={BOUNDARY}"),
        ("Content-Length", str(size)),
    )
    method, _, path = filer.section.create.partition(" ")
    opening = request(method, filer.gate.url(path), (*filer.gate.raw.credential, *typed))
    pieces = chain(opening.pieces, (start,), bulk.blocks(), (end,))
    shown = f"{opening.shown}  # {bulk.what}: {size} bytes of a form with a CSV"
    return Sending(method, pieces, shown, pause_seconds=bulk.pause_seconds)
