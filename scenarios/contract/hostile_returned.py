"""What comes back of an upload: a file to be kept, whatever its name and content were."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from golive.api import (
    Capability,
    Filer,
    Gate,
    Ruling,
    Slo,
    accepted,
    failed,
    inconclusive,
    passed,
    request,
    scenario,
)

SETTLE_SECONDS = 30.0
STEERING = ("=", "+", "@", "\t")
IBAN = "DE89370400440532013000"
NAMES = {
    "an honest name": "golive.csv",
    "a quote in its name": 'golive\\".csv',
    "markup in its name": "<script>alert(1)<script>.csv",
    "a path as its name": "../../golive.csv",
    "a picture in its name": "\U0001f4a3.csv",
    "an escaped line end in its name": "golive%0d%0aX-Golive: 1.csv",
    "a second name in its name": "a.csv; filename=b.html",
}
CELLS = {
    "a formula that calls a program": "=cmd|' /C calc'!A0",
    "a formula that calls the network": "@SUM(1+1)*WEBSERVICE(1)",
    "a formula behind a tab": "\t=1+1",
    "a formula behind a plus": "+1+1",
    "markup": "<script>alert(1)</script>",
}


@dataclass(frozen=True)
class Returned:
    """A download: whether it is an attachment, and its content what was sent or made harmless."""

    case: str
    status: int
    disposition: str
    media_type: str
    sniffing: str
    injected: bool
    """Whether a part of its name became a header of its own."""
    kept: bool
    harmless: bool


def a_file_to_keep(seen: Sequence[Returned], _slo: Slo) -> Ruling:
    """Every download is an attachment of a plain type, whose content nobody changed in secret."""
    if not seen:
        return inconclusive("no file was accepted")
    for one in seen:
        if wrong := _wrong(one):
            return failed(f"a file with {one.case} {wrong}", files=len(seen))
    return passed(f"{len(seen)} files came back as attachments", files=len(seen))


def _wrong(one: Returned) -> str:
    if one.status != 200:  # noqa: PLR2004
        return f"is answered {one.status}"
    if not one.disposition.lower().startswith("attachment"):
        return f"comes back to be shown: Content-Disposition is {one.disposition or 'missing'!r}"
    if one.sniffing.lower() != "nosniff":
        return "comes back without X-Content-Type-Options: nosniff"
    if "html" in one.media_type or "script" in one.media_type or "svg" in one.media_type:
        return f"comes back as {one.media_type}"
    if one.injected:
        return "writes a header of its own"
    return "" if one.kept or one.harmless else "comes back as another file"


@scenario(
    needs=[Capability.UPLOADS],
    requires=["uploads.download"],
    evidence=Returned,
    check=a_file_to_keep,
    remediation="Send downloads as attachments with nosniff, with a name that was cleaned and "
    "quoted; in files that the service writes itself put a ' before a cell that begins like a "
    "formula.",
    deadline_seconds=90.0,
)
def hostile_returned(gate: Gate) -> Iterator[Returned]:
    """A download is a file to be kept and never a page, whatever was uploaded."""
    section = gate.target.uploads
    if section is None or section.download is None:
        return
    filer = Filer(gate, section)
    files = {case: (filer.csv(filer.row()), name) for case, name in NAMES.items()}
    files |= {
        case: (filer.csv(f'{IBAN},"{cell}",1.00'), "golive.csv") for case, cell in CELLS.items()
    }
    method, _, path = section.download.partition(" ")
    for case, (content, name) in files.items():
        reply = gate.raw.exchange(filer.file(content, name), within_seconds=10.0)
        upload_id = accepted(filer, reply)
        if upload_id is None:
            continue
        gate.uploads.settled(upload_id, within_seconds=SETTLE_SECONDS)
        url = gate.url(path.replace("{id}", upload_id))
        back = gate.raw.exchange(request(method, url, gate.raw.credential), within_seconds=10.0)
        yield Returned(
            case=case,
            status=back.status or 0,
            disposition=back.headers.get("content-disposition", ""),
            media_type=back.headers.get("content-type", ""),
            sniffing=back.headers.get("x-content-type-options", ""),
            injected="x-golive" in back.headers,
            kept=back.body == content,
            harmless=not any(
                cell.strip(b'"').startswith(tuple(mark.encode() for mark in STEERING))
                for cell in back.body.replace(b"\r\n", b",").split(b",")
            ),
        )
