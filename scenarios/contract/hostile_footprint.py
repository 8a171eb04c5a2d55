"""What files that are built to cost much do cost."""

from collections.abc import Iterator

from golive.api import (
    Capability,
    Filer,
    Gate,
    Heavy,
    Profile,
    Took,
    row,
    scenario,
    sheet,
    upload_watched,
    within_limits,
    workbook,
)

XLSX = "golive.xlsx"
MEGABYTE = 1024 * 1024
BOMB_BYTES = 300 * MEGABYTE
QUOTED_BYTES = 20 * MEGABYTE
LINE = b"a" * 99 + b"\n"
WIDE_COLUMNS, WIDE_ROWS = 16_384, 200
CELL_BYTES = 50 * MEGABYTE
ENTITY_LEVELS = 12


def laughs() -> bytes:
    """Entities that grow tenfold with each line."""
    lines = ['<!ENTITY l0 "lol">']
    lines += [f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, ENTITY_LEVELS)]
    prologue = f"<!DOCTYPE worksheet [{''.join(lines)}]>"
    return workbook(sheet(row(f"&l{ENTITY_LEVELS - 1};"), prologue))


def heavies(filer: Filer) -> Iterator[Heavy]:
    """Each of them small to send, or simple to make."""
    files = {
        "300 MB in 300 kB": (workbook(sheet(" " * BOMB_BYTES)), XLSX),
        "a billion laughs": (laughs(), XLSX),
        "a quote of 20 MB": (
            filer.csv(f'"{filer.row()}') + LINE * (QUOTED_BYTES // len(LINE)),
            "a.csv",
        ),
        "a cell of 50 MB": (filer.csv(f'"{"a" * CELL_BYTES}",x,1.00'), "a.csv"),
        "200 rows of 16 384 columns": (
            filer.csv() + (b"," * WIDE_COLUMNS + b"\r\n") * WIDE_ROWS,
            "a.csv",
        ),
    }
    for what, (content, name) in files.items():
        yield Heavy(what, filer.file(content, name), len(content))


@scenario(
    needs=[Capability.UPLOADS],
    requires=["observe.footprint"],
    evidence=Took,
    check=within_limits,
    remediation="Read files in a process with a limit of memory, count what is unpacked as it "
    "is unpacked, and use temporary files that have no name.",
    profile=Profile.STANDARD,
    deadline_seconds=200.0,
)
def hostile_footprint(gate: Gate) -> Iterator[Took]:
    """Files that are built to cost memory cost little, in the API and in the workers."""
    if gate.target.uploads:
        filer = Filer(gate, gate.target.uploads)
        for heavy in heavies(filer):
            yield upload_watched(filer, heavy)
