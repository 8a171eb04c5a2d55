"""One account's uploads, asked for by another."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from http import HTTPStatus

from golive.api import (
    Capability,
    Gate,
    Ruling,
    Slo,
    failed,
    inconclusive,
    passed,
    request,
    scenario,
)

HIDDEN = (HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND)
SETTLE_SECONDS = 20.0


@dataclass(frozen=True)
class Asked:
    """A call about the first account's upload: how its owner and the other were answered."""

    call: str
    owner: int
    other: int
    told: bool
    """Whether the other's answer names the upload or one of its debtors."""
    curl: str


def seen_by_nobody_else(seen: Sequence[Asked], _slo: Slo) -> Ruling:
    """The other account is answered 403 or 404, and no listing of its own names the upload."""
    open_to_all = [
        one for one in seen if one.told or ("{id}" in one.call and one.other not in HIDDEN)
    ]
    if open_to_all:
        first = open_to_all[0]
        what = "told of the upload" if first.told else f"answered {first.other}"
        return failed(f"{first.call}: another account is {what}: {first.curl}", calls=len(seen))
    if unseen := [one for one in seen if one.owner != HTTPStatus.OK]:
        first = unseen[0]
        return inconclusive(
            f"{first.call}: its own account is answered {first.owner}, so nothing is hid"
        )
    return passed(f"{len(seen)} calls hide it from another account", calls=len(seen))


@scenario(
    needs=[Capability.UPLOADS],
    requires=["contract.other_token_env"],
    evidence=Asked,
    check=seen_by_nobody_else,
    remediation="Look an upload up by its id and by the account of the token, together.",
)
def hostile_account(gate: Gate) -> Iterator[Asked]:
    """An account sees nothing of another account's uploads."""
    section = gate.target.uploads
    sheet = gate.uploads.sample(rows=1)
    upload_id = gate.uploads.accepted_id(gate.uploads.send(sheet))
    if section is None or upload_id is None:
        return
    gate.uploads.settled(upload_id, within_seconds=SETTLE_SECONDS)
    for line in filter(None, (section.status, section.download, section.debtors, section.listing)):
        method, _, path = line.partition(" ")
        url = gate.url(path.replace("{id}", upload_id))
        owner = gate.raw.exchange(request(method, url, gate.raw.credential), within_seconds=10.0)
        sending = request(method, url, gate.raw.other_credential)
        other = gate.raw.exchange(sending, within_seconds=10.0)
        names = (upload_id, sheet.rows[0].iban) if other.status == HTTPStatus.OK else ()
        yield Asked(
            call=line,
            owner=owner.status or 0,
            other=other.status or 0,
            told=any(name.encode() in other.body for name in names),
            curl=sending.shown,
        )
