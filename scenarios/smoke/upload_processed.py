"""THR-602, test 3: a processed upload has become debtors."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from golive.api import (
    Capability,
    Gate,
    Listed,
    Ruling,
    Slo,
    Uploaded,
    failed,
    passed,
    scenario,
)

PROCESSING_SECONDS = 15.0


@dataclass(frozen=True)
class Processed:
    """An upload at the end of its processing; a row is IBAN, name, amount in cents."""

    http_status: int
    upload_id: str | None
    status: str
    waiting: bool
    done: bool
    created: int | None
    sent: tuple[tuple[str, str, int], ...]
    listed: tuple[tuple[str, str, int], ...]
    problem: str
    """Why the answer to the listing is no list of debtors."""


def every_row_is_a_debtor(seen: Sequence[Processed], _slo: Slo) -> Ruling:
    """The listed debtors have the values that were sent."""
    upload = seen[-1]
    if upload.upload_id is None:
        return failed(f"the upload was answered {upload.http_status} without an id")
    if upload.waiting:
        return failed(
            f"upload {upload.upload_id} is still {upload.status!r} after {PROCESSING_SECONDS:g} s"
        )
    if not upload.done:
        return failed(f"upload {upload.upload_id} ended as {upload.status!r}")
    if upload.problem:
        return failed(upload.problem)
    missing = [row for row in upload.sent if row not in upload.listed]
    excess = len(upload.listed) - len(upload.sent)
    if missing:
        return failed(
            f"{len(missing)} of {len(upload.sent)} rows are missing or altered: {missing[0]}"
        )
    if excess:
        return failed(f"{len(upload.listed)} debtors are listed for {len(upload.sent)} rows")
    if upload.created is not None and upload.created != len(upload.sent):
        return failed(
            f"the status counts {upload.created} rows created, {len(upload.sent)} were sent"
        )
    return passed(
        f"all {len(upload.sent)} rows are debtors with the values sent", rows=len(upload.sent)
    )


@scenario(
    needs=[Capability.UPLOADS],
    requires=["uploads.debtors"],
    evidence=Processed,
    check=every_row_is_a_debtor,
    remediation="See that workers of the upload queue run, and read the log of the upload's job.",
)
def upload_processed(gate: Gate) -> Iterator[Processed]:
    """A processed upload has become debtors with the values of the file."""
    section = gate.target.uploads
    if section is None:
        return
    answer = section.answer
    sheet = gate.uploads.sample(rows=5)
    gate.attach(sheet.name, sheet.content)
    reply = gate.uploads.send(sheet)
    upload_id = gate.uploads.accepted_id(reply)
    settled, listed = Uploaded("", "", None), Listed(())
    if upload_id is not None:
        settled = gate.uploads.settled(upload_id, within_seconds=PROCESSING_SECONDS)
    if upload_id is not None and settled.status in answer.done:
        listed = gate.uploads.debtors(upload_id)
    yield Processed(
        http_status=reply.status,
        upload_id=upload_id,
        status=settled.status,
        waiting=settled.status in answer.waiting,
        done=settled.status in answer.done,
        created=settled.created,
        sent=tuple((row.iban, row.name, row.amount_cents) for row in sheet.rows),
        listed=tuple((row.iban, row.name, row.amount_cents) for row in listed.debtors),
        problem=listed.problem,
    )
