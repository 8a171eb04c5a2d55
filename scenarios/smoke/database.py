"""THR-602, test 8: the database holds what was sent, once."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from golive.api import Capability, Gate, Ruling, Slo, failed, passed, scenario

APPLIED_SECONDS = 15.0


@dataclass(frozen=True)
class Rows:
    """What the database says of one notification and of one upload."""

    unique_id: str
    effects: int
    state: str | None
    expected_state: str
    upload_id: str | None
    upload_status: str
    sent: tuple[tuple[str, str, int], ...]
    stored: tuple[tuple[str, str, int], ...]


def the_rows_are_right(seen: Sequence[Rows], _slo: Slo) -> Ruling:
    """One effect, the right state, and the debtors with their values."""
    rows = seen[-1]
    if rows.effects != 1:
        return failed(f"the notification had {rows.effects} effects, not one", effects=rows.effects)
    if rows.state != rows.expected_state:
        return failed(f"the state is {rows.state!r}, not {rows.expected_state!r}")
    if rows.upload_id is None:
        return failed("the upload was refused")
    if sorted(rows.stored) != sorted(rows.sent):
        right = len(set(rows.stored) & set(rows.sent))
        return failed(
            f"{right} of the {len(rows.sent)} rows sent are among the {len(rows.stored)} debtors "
            f"stored (upload {rows.upload_status!r})"
        )
    return passed(
        f"one effect, state {rows.state!r}, {len(rows.stored)} debtors with the values sent",
        effects=rows.effects,
        debtors=len(rows.stored),
    )


@scenario(
    needs=[Capability.WEBHOOK, Capability.UPLOADS, Capability.SQL],
    requires=["observe.sql.effects", "observe.sql.state", "observe.sql.debtors"],
    evidence=Rows,
    check=the_rows_are_right,
    remediation="Compare the job with its rows: effect and audit row belong into one transaction "
    "under a unique constraint.",
)
def database(gate: Gate) -> Iterator[Rows]:
    """The database holds the effect of a notification once and the debtors of an upload."""
    notification = gate.webhook.sample(status="approved")
    gate.webhook.send(notification)
    sheet = gate.uploads.sample(rows=4)
    upload_id = gate.uploads.accepted_id(gate.uploads.send(sheet))
    effects = gate.until(
        lambda: gate.sql.effects(notification.unique_id),
        lambda count: count > 0,
        within_seconds=APPLIED_SECONDS,
    )
    upload_status = ""
    if upload_id is not None:
        upload_status = gate.uploads.settled(upload_id, within_seconds=APPLIED_SECONDS).status
    stored = gate.sql.debtors(upload_id) if upload_id is not None else ()
    section = gate.target.observe.sql
    yield Rows(
        unique_id=notification.unique_id,
        effects=effects,
        state=gate.sql.state(notification.unique_id),
        expected_state=section.approved if section else "",
        upload_id=upload_id,
        upload_status=upload_status,
        sent=tuple((row.iban, row.name, row.amount_cents) for row in sheet.rows),
        stored=tuple((row.iban, row.name, row.amount_cents) for row in stored),
    )
