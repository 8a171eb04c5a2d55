"""Files that are not what they call themselves, or are built to break who reads them."""

import io
import zipfile
from collections.abc import Iterator

from golive.api import (
    Capability,
    Case,
    Filer,
    Gate,
    Tried,
    all_refused,
    file_all,
    row,
    scenario,
    sheet,
    workbook,
)

TAKEN_OR_NOT = (200, 201, 202, 4)
"""A file may be taken and fail as a job; it must come to an end, and make no debtor."""
XLSX = "golive.xlsx"
LAUGHS = 12
WIDE_COLUMNS = 16_384
LONG_CELL_BYTES = 2 * 1024 * 1024
BOMB_BYTES = 300 * 1024 * 1024


def laughs() -> bytes:
    """Entities that grow tenfold with each line."""
    lines = ['<!ENTITY l0 "lol">']
    lines += [f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, LAUGHS)]
    prologue = f"<!DOCTYPE worksheet [{''.join(lines)}]>"
    return workbook(sheet(row(f"&l{LAUGHS - 1};"), prologue))


def external_entity() -> bytes:
    """An entity that is a file of the machine which reads it."""
    prologue = '<!DOCTYPE worksheet [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
    return workbook(sheet(row("&x;"), prologue))


def nested() -> bytes:
    """An archive in an archive in an archive."""
    inner = b"a" * 1_000_000
    for _ in range(3):
        content = io.BytesIO()
        with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("inner.zip", inner)
        inner = content.getvalue()
    return inner


def climbing() -> bytes:
    """An archive with a member that would be written above it."""
    content = io.BytesIO(workbook(sheet("")))
    with zipfile.ZipFile(content, "a") as archive:
        archive.writestr("../../../../tmp/golive-was-here", "x")
    return content.getvalue()


TABLES: tuple[Case[Filer], ...] = (
    Case("no byte", lambda it: it.file(b"")),
    Case("blanks alone", lambda it: it.file(b" \r\n\t\r\n"), TAKEN_OR_NOT),
    Case("headers alone", lambda it: it.file(it.csv()), TAKEN_OR_NOT),
    Case("no headers", lambda it: it.file(it.row().encode()), TAKEN_OR_NOT),
    Case(
        "headers twice",
        lambda it: it.file(f"{it.header()},{it.header()}\r\n".encode()),
        TAKEN_OR_NOT,
    ),
    Case("a column missing", lambda it: it.file(b"IBAN,Name\r\nDE89,x\r\n"), TAKEN_OR_NOT),
    Case("a quote that is never closed", lambda it: it.file(it.csv(f'"{it.row()}')), TAKEN_OR_NOT),
    Case("NUL bytes", lambda it: it.file(it.csv(it.row().replace("DE", "D\0E"))), TAKEN_OR_NOT),
    Case(
        "UTF-16 without a mark",
        lambda it: it.file(it.csv(it.row()).decode().encode("utf-16-le")),
        TAKEN_OR_NOT,
        rows=1,
    ),
    Case(
        "half of UTF-8",
        lambda it: it.file(it.csv(it.row())[:-8] + b"\xc3\r\n"),
        TAKEN_OR_NOT,
        rows=1,
    ),
    Case(
        "16 384 columns",
        lambda it: it.file(b"," * WIDE_COLUMNS + b"\r\n" + b"," * WIDE_COLUMNS),
        TAKEN_OR_NOT,
    ),
    Case(
        "a cell of two megabytes",
        lambda it: it.file(it.csv(f"DE89370400440532013000,{'a' * LONG_CELL_BYTES},1")),
        TAKEN_OR_NOT,
    ),
    Case("100 000 line ends", lambda it: it.file(it.csv() + b"\r" * 100_000), TAKEN_OR_NOT),
)

BOOKS: tuple[Case[Filer], ...] = (
    Case(
        "text that calls itself a workbook",
        lambda it: it.file(it.csv(it.row()), XLSX),
        TAKEN_OR_NOT,
        rows=1,
    ),
    Case(
        "a workbook that calls itself text", lambda it: it.file(workbook(sheet(""))), TAKEN_OR_NOT
    ),
    Case("half a workbook", lambda it: it.file(workbook(sheet(""))[:300], XLSX), TAKEN_OR_NOT),
    Case("an archive of nothing", lambda it: it.file(b"PK\5\6" + bytes(18), XLSX), TAKEN_OR_NOT),
    Case("an archive in an archive", lambda it: it.file(nested(), XLSX), TAKEN_OR_NOT),
    Case("an archive that climbs", lambda it: it.file(climbing(), XLSX), TAKEN_OR_NOT),
    Case("a billion laughs", lambda it: it.file(laughs(), XLSX), TAKEN_OR_NOT),
    Case("an external entity", lambda it: it.file(external_entity(), XLSX), TAKEN_OR_NOT),
    Case(
        "300 MB in 300 kB",
        lambda it: it.file(workbook(sheet(" " * BOMB_BYTES)), XLSX),
        TAKEN_OR_NOT,
    ),
    Case(
        "a wrong dimension",
        lambda it: it.file(workbook(sheet("", more='<dimension ref="A1:XFD1048576"/>')), XLSX),
        TAKEN_OR_NOT,
    ),
    Case(
        "a row beyond the last",
        lambda it: it.file(workbook(sheet('<row r="99999999"><c r="ZZZZ9"/></row>')), XLSX),
        TAKEN_OR_NOT,
    ),
    Case(
        "an encrypted workbook",
        lambda it: it.file(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(512), XLSX),
        TAKEN_OR_NOT,
    ),
    Case("an old workbook of zeros", lambda it: it.file(bytes(4096), "golive.xls"), TAKEN_OR_NOT),
    Case("a page", lambda it: it.file(b"<html><script>alert(1)</script></html>"), TAKEN_OR_NOT),
    Case("a program", lambda it: it.file(b"MZ" + bytes(100), "golive.exe")),
    Case("a script", lambda it: it.file(b"<?php phpinfo();", "golive.php")),
    Case("no extension", lambda it: it.file(it.csv(it.row()), "golive"), TAKEN_OR_NOT, rows=1),
)


@scenario(
    needs=[Capability.UPLOADS],
    evidence=Tried,
    check=all_refused,
    remediation="Read files in a job with limits of memory and time, an XML reader without "
    "entities, and a size of what is unpacked; say why a file failed.",
    deadline_seconds=170.0,
)
def hostile_files(gate: Gate) -> Iterator[Tried]:
    """A file that is not what it says is refused or fails with a reason, and makes no debtor."""
    if gate.target.uploads:
        filer = Filer(gate, gate.target.uploads)
        yield from file_all(filer, (*TABLES, *BOOKS))
