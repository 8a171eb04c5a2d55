"""Forms with a file in them, part by part, so that every part can be wrong."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from golive.api.hostile import Case, Tried, attempt
from golive.model.ports import Debtor, Gate, Reply
from golive.model.raw import RawReply, Sending, request
from golive.model.target import Uploads

BOUNDARY = "golive-boundary"
SETTLE_SECONDS = 40.0


@dataclass(frozen=True)
class Part:
    """A part of a form. `head` is its Content-Disposition after `form-data; `, as it is."""

    head: str
    content: bytes
    media_type: str = ""

    def encoded(self) -> bytes:
        """The part without its boundary."""
        lines = f"Content-Disposition: form-data; {self.head}\r\n"
        lines += f"Content-Type: {self.media_type}\r\n" if self.media_type else ""
        return lines.encode("utf-8", "surrogateescape") + b"\r\n" + self.content + b"\r\n"


class Filer:
    """Makes uploads that differ in one thing from an honest one."""

    def __init__(self, gate: Gate, section: Uploads) -> None:
        self.gate = gate
        self.section = section
        # Drawn anew for each step: what another one sent proves nothing here.
        self.canary = gate.uploads.sample(rows=1).rows[0].name.replace(" ", "-")
        """A word in every content, which must be found in no log."""
        self.accounts: list[str] = []
        """Every account number that was sent, for the same."""

    def file(self, content: bytes, name: str = "golive.csv", media_type: str = "") -> Sending:
        """One file of any content and name, beside the fields that the target file names."""
        head = f'name="{self.section.file_field}"; filename="{name}"'
        return self.form(Part(head, content, media_type or "text/csv"), *self.fields())

    def fields(self) -> Iterator[Part]:
        """The fields that go with a file."""
        for name, text in self.section.fields.items():
            yield Part(f'name="{name}"', text.encode())

    def csv(self, *lines: str) -> bytes:
        """Lines below the honest headers; the canary is a row's name."""
        return "\r\n".join((self.header(), *lines, "")).encode()

    def header(self) -> str:
        """The honest headers."""
        columns = self.section.columns
        return f"{columns.iban},{columns.name},{columns.amount}"

    def iban(self) -> str:
        """An account number that nobody has sent before: of a known one no debtor is made again."""
        return self._drawn().iban

    def row(self) -> str:
        """An honest row of nobody's before, whose name holds the canary."""
        debtor = self._drawn()
        return f"{debtor.iban},{self.canary},{debtor.amount_cents / 100:.2f}"

    def _drawn(self) -> Debtor:
        (debtor,) = self.gate.uploads.sample(rows=1).rows
        self.accounts.append(debtor.iban)
        return debtor

    def form(self, *parts: Part, end: str = f"--{BOUNDARY}--\r\n") -> Sending:
        """A form of any parts."""
        body = b"".join(f"--{BOUNDARY}\r\n".encode() + part.encoded() for part in parts)
        return self.body(body + end.encode(), f"multipart/form-data; boundary={BOUNDARY}")

    def body(self, content: bytes, media_type: str | None) -> Sending:
        """A body of any kind."""
        typed = (("Content-Type", media_type),) if media_type is not None else ()
        method, _, path = self.section.create.partition(" ")
        return request(method, self.gate.url(path), (*self.gate.raw.credential, *typed), content)


def file_all(filer: Filer, cases: Sequence[Case[Filer]]) -> Iterator[Tried]:
    """Upload every case, then see what became of those that were accepted."""
    sent = [(case, *attempt(filer.gate, case, filer)) for case in cases]
    for case, tried, reply in sent:
        yield replace(tried, happened=_became(filer, case, reply))
    if filer.gate.target.has("observe.logs"):
        words = {"names": filer.canary, **{one: one for one in filer.accounts}}
        found = [str(one.value) for one in filer.gate.audit.logs.holding(words)]
        times = sum(map(int, found))
        told = f"the logs hold names or accounts of them {times}x" if times else ""
        first = sent[0][1]
        honest = {"expected": first.statuses, "case": "the logs after all of them"}
        yield replace(first, **honest, happened=told)  # type: ignore[arg-type]


def _became(filer: Filer, case: Case[Filer], reply: RawReply) -> str:
    """What is wrong with what an accepted file became (empty = nothing)."""
    upload_id = accepted(filer, reply)
    if upload_id is None:
        return ""
    gate, answer = filer.gate, filer.section.answer
    settled = gate.uploads.settled(upload_id, within_seconds=SETTLE_SECONDS)
    if settled.status in answer.waiting:
        return f"it is still {settled.status!r} after {SETTLE_SECONDS:g} s"
    made = settled.created or 0
    if gate.target.has("uploads.debtors") and settled.status in answer.done:
        made = len(gate.uploads.debtors(upload_id).debtors)
    return f"{made} debtors were made of it" if made > case.rows else ""


def accepted(filer: Filer, reply: RawReply) -> str | None:
    """The id of an accepted upload."""
    if reply.status != filer.section.answer.accepted:
        return None
    return filer.gate.uploads.accepted_id(
        Reply("", reply.status, reply.headers, reply.body, reply.milliseconds)
    )
