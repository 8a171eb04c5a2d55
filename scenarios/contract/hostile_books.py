"""Workbooks of every kind that people send, and what must not be read into them."""

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
XLSX, XLSM = "golive.xlsx", "golive.xlsm"
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
SECOND = "xl/worksheets/sheet2.xml"
MERGED = 1_000_000


def filled(filer: Filer, *cells: str, more: str = "") -> bytes:
    """A sheet with the honest headers, and one row of cells in XML."""
    columns = filer.section.columns
    header = row(columns.iban, columns.name, columns.amount)
    return sheet(f"{header}<row>{''.join(cells)}</row>", more=more)


def text(value: str) -> str:
    """A cell with a text."""
    return f'<c t="inlineStr"><is><t>{value}</t></is></c>'


def number(value: str) -> str:
    """A cell with a number."""
    return f"<c><v>{value}</v></c>"


def formula(of: str, cached: str = "") -> str:
    """A cell with a formula, and with the value that it had when it was saved."""
    return f"<c><f>{of}</f>{f'<v>{cached}</v>' if cached else ''}</c>"


def error(value: str) -> str:
    """A cell whose formula failed."""
    return f'<c t="e"><v>{value}</v></c>'


def book(name: str, *cells: str, rows: int = 0, file_name: str = XLSX) -> Case[Filer]:
    """A case of one row, which may become so many debtors; NAME stands for the canary, IBAN for an
    account that nobody has sent before.
    """

    def make(filer: Filer) -> bytes:
        words = {">NAME<": f">{filer.canary}<", ">IBAN<": f">{filer.iban()}<"}
        made = []
        for one in cells:
            for word, value in words.items():
                one = one.replace(word, value)  # noqa: PLW2901 - word by word
            made.append(one)
        return workbook(filled(filer, *made))

    return Case(name, lambda it: it.file(make(it), file_name), TAKEN_OR_NOT, rows=rows)


def merged(filer: Filer) -> bytes:
    """A million merged cells in a sheet of none."""
    cells = "".join(f'<mergeCell ref="A{n}:B{n}"/>' for n in range(1, MERGED + 1))
    book = sheet("").replace(
        b"</worksheet>", f"<mergeCells>{cells}</mergeCells></worksheet>".encode()
    )
    return workbook(book) if filer else b""


def with_two_sheets(filer: Filer, state: str) -> bytes:
    """The first sheet is empty, the second holds a debtor; `state` says whether it is seen."""
    names = "".join(
        f'<sheet name="s{n}" sheetId="{n}" {more} r:id="r{n}"/>'
        for n, more in ((1, ""), (2, state and f'state="{state}"'))
    )
    relations = "http://schemas.openxmlformats.org/package/2006/relationships"
    links = "".join(
        f'<Relationship Id="r{n}" Type="{OFFICE}/worksheet" Target="worksheets/sheet{n}.xml"/>'
        for n in (1, 2)
    )
    return workbook(
        sheet(""),
        {
            "xl/workbook.xml": f'<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}">'
            f"<sheets>{names}</sheets></workbook>",
            "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{relations}">{links}'
            "</Relationships>",
            SECOND: filled(filer, text(filer.iban()), text(filer.canary), number("10.5")),
        },
    )


def document(mimetype: str, content: str) -> bytes:
    """An OpenDocument archive of one part."""
    archive_bytes = io.BytesIO()
    with zipfile.ZipFile(archive_bytes, "w") as archive:
        archive.writestr("mimetype", mimetype)
        archive.writestr("content.xml", content)
    return archive_bytes.getvalue()


CELLS = (
    book("an amount by a formula", text("IBAN"), text("NAME"), formula("1+1", "10.5"), rows=1),
    book("a formula that was never computed", text("IBAN"), text("NAME"), formula("1+1")),
    book("a formula that calls a program", text("IBAN"), text("NAME"), formula("cmd|'/C calc'!A0")),
    book(
        "a formula that calls the network", formula("WEBSERVICE(&quot;http://golive.invalid&quot;)")
    ),
    book("a division by nothing", text("IBAN"), text("NAME"), error("#DIV/0!")),
    book("an IBAN that is an error", error("#REF!"), text("NAME"), number("10.5")),
    book("an IBAN that is a number", number("8.9370400440532e+20"), text("NAME"), number("10.5")),
    book("an amount that is true", text("IBAN"), text("NAME"), '<c t="b"><v>1</v></c>'),
    book("an amount that is a date", text("IBAN"), text("NAME"), '<c t="d"><v>2024-01-02</v></c>'),
    book("a number that is none", text("IBAN"), text("NAME"), number("NaN")),
    book("a number beyond all numbers", text("IBAN"), text("NAME"), number("1e999")),
    book("a text that is not there", '<c t="s"><v>99999</v></c>', text("NAME"), number("10.5")),
    book(
        "a style that is not there",
        text("IBAN"),
        text("NAME"),
        '<c s="9999"><v>10.5</v></c>',
        rows=1,
    ),
    book("a row of nothing", "<c/>", "<c/>", "<c/>"),
)

KINDS: tuple[Case[Filer], ...] = (
    Case(
        "macros",
        lambda it: it.file(workbook(sheet(""), {"xl/vbaProject.bin": OLE + bytes(512)}), XLSM),
        TAKEN_OR_NOT,
    ),
    Case(
        "macros under another name",
        lambda it: it.file(workbook(sheet(""), {"xl/vbaProject.bin": OLE + bytes(512)}), XLSX),
        TAKEN_OR_NOT,
    ),
    Case(
        "a password",
        lambda it: it.file(
            OLE + bytes(504) + "EncryptedPackage".encode("utf-16-le").ljust(512, b"\0"), XLSX
        ),
        TAKEN_OR_NOT,
    ),
    Case(
        "an old workbook cut off", lambda it: it.file(OLE + bytes(20), "golive.xls"), TAKEN_OR_NOT
    ),
    Case(
        "a binary workbook",
        lambda it: it.file(workbook(sheet(""), {"xl/workbook.bin": b"\x83\x01\0"}), "golive.xlsb"),
        TAKEN_OR_NOT,
    ),
    Case(
        "an OpenDocument of nothing",
        lambda it: it.file(
            document("application/vnd.oasis.opendocument.spreadsheet", "<a/>"), "golive.ods"
        ),
        TAKEN_OR_NOT,
    ),
    Case(
        "an OpenDocument of text",
        lambda it: it.file(
            document("application/vnd.oasis.opendocument.text", "<a/>"), "golive.ods"
        ),
        TAKEN_OR_NOT,
    ),
    Case("a million merged cells", lambda it: it.file(merged(it), XLSX), TAKEN_OR_NOT),
    Case(
        "a sheet behind an empty one",
        lambda it: it.file(with_two_sheets(it, ""), XLSX),
        TAKEN_OR_NOT,
        rows=1,
    ),
    Case(
        "a debtor on a hidden sheet",
        lambda it: it.file(with_two_sheets(it, "hidden"), XLSX),
        TAKEN_OR_NOT,
    ),
    Case(
        "a debtor on a sheet that is hidden well",
        lambda it: it.file(with_two_sheets(it, "veryHidden"), XLSX),
        TAKEN_OR_NOT,
    ),
    Case(
        "a workbook and text",
        lambda it: it.file(workbook(sheet("")) + it.csv(it.row()), XLSX),
        TAKEN_OR_NOT,
    ),
    Case(
        "a workbook that names no sheet",
        lambda it: it.file(workbook(sheet(""), {"xl/workbook.xml": "<workbook/>"}), XLSX),
        TAKEN_OR_NOT,
    ),
    Case(
        "a part of another encoding",
        lambda it: it.file(
            workbook(
                sheet("").decode().join(('<?xml version="1.0" encoding="UTF-7"?>', "")).encode()
            ),
            XLSX,
        ),
        TAKEN_OR_NOT,
    ),
)

TEXTS: tuple[Case[Filer], ...] = (
    Case(
        "a line that names the separator",
        lambda it: it.file(b"sep=;\r\n" + semicolons(it)),
        TAKEN_OR_NOT,
        rows=1,
    ),
    Case(
        "tabs",
        lambda it: it.file(it.csv(it.row()).replace(b",", b"\t"), "golive.tsv"),
        TAKEN_OR_NOT,
        rows=1,
    ),
    Case(
        "old line ends",
        lambda it: it.file(it.csv(it.row()).replace(b"\r\n", b"\r")),
        TAKEN_OR_NOT,
        rows=1,
    ),
    Case(
        "line ends of three kinds",
        lambda it: it.file(it.csv(it.row()) + b"x,y,1\nx,y,1\rx,y,1\r\n"),
        TAKEN_OR_NOT,
        rows=1,
    ),
    Case(
        "UTF-16 with its mark",
        lambda it: it.file(it.csv(it.row()).decode().encode("utf-16")),
        TAKEN_OR_NOT,
        rows=1,
    ),
    Case(
        "UTF-8 with a mark twice",
        lambda it: it.file(b"\xef\xbb\xbf" * 2 + it.csv(it.row())),
        TAKEN_OR_NOT,
        rows=1,
    ),
    Case(
        "Windows' own letters",
        lambda it: it.file(
            it.csv(f"{it.iban()},{it.canary} M\u00fcller,10.50").decode().encode("cp1252")
        ),
        TAKEN_OR_NOT,
        rows=1,
    ),
    Case("UTF-7", lambda it: it.file(b"+ADw-script+AD4-" + it.csv(it.row())), TAKEN_OR_NOT, rows=1),
    Case(
        "more cells than headers",
        lambda it: it.file(it.csv(f"{it.row()},a,b,c")),
        TAKEN_OR_NOT,
        rows=1,
    ),
    Case(
        "fewer cells than headers",
        lambda it: it.file(it.csv(f"{it.iban()},{it.canary}")),
        TAKEN_OR_NOT,
    ),
    Case(
        "the headers again below",
        lambda it: it.file(it.csv(it.header(), it.row())),
        TAKEN_OR_NOT,
        rows=1,
    ),
)


def semicolons(filer: Filer) -> bytes:
    """An honest file as a German spreadsheet writes it."""
    return filer.csv(filer.row()).replace(b",", b";")


@scenario(
    needs=[Capability.UPLOADS],
    evidence=Tried,
    check=all_refused,
    remediation="Read the first visible sheet that has the headers, values and never formulas; say "
    "of everything else why it is not read.",
    deadline_seconds=170.0,
)
def hostile_books(gate: Gate) -> Iterator[Tried]:
    """A workbook or text of an odd kind is read as its author saw it, or fails with a reason."""
    if gate.target.uploads:
        yield from file_all(Filer(gate, gate.target.uploads), (*CELLS, *KINDS, *TEXTS))
