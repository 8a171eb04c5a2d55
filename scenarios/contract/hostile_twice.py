"""One file that is sent twice at the same time: an impatient person, or two of them."""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from golive.api import (
    Capability,
    Gate,
    Reply,
    Ruling,
    Slo,
    failed,
    inconclusive,
    passed,
    scenario,
)

SENDERS = 4
ROWS = 20
SETTLE_SECONDS = 40.0
SERVER_ERRORS = 500


@dataclass(frozen=True)
class Sent:
    """One of the senders: how it was answered, and how many debtors its file became."""

    status: int
    upload_status: str
    waiting: bool
    debtors: int


def each_row_once(seen: Sequence[Sent], _slo: Slo) -> Ruling:
    """Together they made each debtor once."""
    made = sum(one.debtors for one in seen)
    if broken := [one.status for one in seen if one.status >= SERVER_ERRORS]:
        return failed(f"{len(broken)} of {len(seen)} at once were answered {broken[0]}")
    if stuck := [one.upload_status for one in seen if one.waiting]:
        return failed(f"{len(stuck)} of {len(seen)} files sent at once are still {stuck[0]!r}")
    told = f"{len(seen)} times one file of {ROWS} rows at once made {made} debtors"
    if made > ROWS:
        return failed(f"{told}: people would be debited twice", debtors=made)
    if not made:
        return inconclusive(f"{told}, so nothing was tried")
    if made < ROWS:
        return failed(f"{told}: {ROWS - made} are missing", debtors=made)
    return passed(told, debtors=made)


@scenario(
    needs=[Capability.UPLOADS],
    requires=["uploads.debtors"],
    evidence=Sent,
    check=each_row_once,
    remediation="Decide in the database which rows are new, under a lock or a unique key, and not "
    "by looking first and writing later.",
    deadline_seconds=90.0,
)
def hostile_twice(gate: Gate) -> Iterator[Sent]:
    """One file sent several times at once makes each debtor once."""
    sheet = gate.uploads.sample(rows=ROWS)
    with ThreadPoolExecutor(SENDERS) as senders:
        replies = list(senders.map(gate.uploads.send, [sheet] * SENDERS))
    uploads = [(reply, gate.uploads.accepted_id(reply)) for reply in replies]
    for reply, upload_id in uploads:
        yield became(gate, reply, upload_id)


def became(gate: Gate, reply: Reply, upload_id: str | None) -> Sent:
    """What a file became, once it is settled."""
    section = gate.target.uploads
    if section is None or upload_id is None:
        return Sent(reply.status, "", waiting=False, debtors=0)
    settled = gate.uploads.settled(upload_id, within_seconds=SETTLE_SECONDS)
    done = settled.status in section.answer.done
    debtors = len(gate.uploads.debtors(upload_id).debtors) if done else 0
    return Sent(
        status=reply.status,
        upload_status=settled.status,
        waiting=settled.status in section.answer.waiting,
        debtors=debtors,
    )
