"""Files of uploads: what becomes of every row, and which files are refused whole."""

import csv
import io
import re
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any

import openpyxl
import pytest
import xlwt
from hypothesis import example, given
from hypothesis import strategies as st
from openpyxl.cell.cell import Cell

from reference_app.uploads import sandbox
from reference_app.uploads.column_mapping import ColumnMapping
from reference_app.uploads.reading import Reading, read_file
from reference_app.uploads.table import FileRejectedError

A, B = "DE89370400440532013000", "NL91ABNA0417164300"
HEADER = ("IBAN", "Name", "Amount")


@dataclass(frozen=True)
class Spooled:
    """What a file became: debtors as (line, iban, name, cents), problems as line to reason."""

    reading: Reading
    debtors: Sequence[tuple[int, str, str, int]]
    problems: dict[int, str]


def read(
    content: str | bytes, suffix: str = ".csv", mapping: ColumnMapping | None = None
) -> Spooled:
    """Read a file."""
    spool = io.BytesIO()
    source = io.BytesIO(content.encode() if isinstance(content, str) else content)
    reading = read_file(source, suffix, mapping, spool)
    debtors, problems = [], {}
    for line in spool.getvalue().decode().splitlines():
        number, iban, name, amount, reason = line.split("\t")
        if reason == "\\N":
            debtors.append((int(number), iban, name, int(amount)))
        else:
            problems[int(number)] = reason
    return Spooled(reading, debtors, problems)


Rows = Sequence[Sequence[Any]]


def xlsx(rows: Rows, change: Callable[[openpyxl.Workbook], None] = lambda _book: None) -> bytes:
    """An XLSX file."""
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    change(book)
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def xls(rows: Rows) -> bytes:
    """An XLS file."""
    book = xlwt.Workbook()
    sheet = book.add_sheet("Debtors")
    for number, row in enumerate(rows):
        for column, value in enumerate(row):
            sheet.write(number, column, value)
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def ods(rows: Rows) -> bytes:
    """An ODS file."""

    def cell(value: Any) -> str:
        if isinstance(value, str):
            return (
                f'<table:table-cell office:value-type="string"><text:p>{value}</text:p>'
                "</table:table-cell>"
            )
        return (
            f'<table:table-cell office:value-type="float" office:value="{value}"><text:p>{value}'
            "</text:p></table:table-cell>"
        )

    body = "".join(f"<table:table-row>{''.join(map(cell, row))}</table:table-row>" for row in rows)
    urn = "urn:oasis:names:tc:opendocument:xmlns"
    content = (
        f'<?xml version="1.0"?><office:document-content xmlns:office="{urn}:office:1.0"'
        f' xmlns:table="{urn}:table:1.0" xmlns:text="{urn}:text:1.0"><office:body>'
        f'<office:spreadsheet><table:table table:name="S">{body}</table:table>'
        "</office:spreadsheet></office:body></office:document-content>"
    )
    manifest = f'<?xml version="1.0"?><manifest:manifest xmlns:manifest="{urn}:manifest:1.0"/>'
    return packed(
        {
            "mimetype": "application/vnd.oasis.opendocument.spreadsheet",
            "content.xml": content,
            "META-INF/manifest.xml": manifest,
        }
    )


def packed(entries: dict[str, str | bytes]) -> bytes:
    """A ZIP archive."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries.items():
            archive.writestr(name, content)
    return target.getvalue()


def replaced(workbook: bytes, name: str, change: Callable[[str], str]) -> bytes:
    """A workbook with one part changed."""
    with zipfile.ZipFile(io.BytesIO(workbook)) as archive:
        entries: dict[str, str | bytes] = {n: archive.read(n) for n in archive.namelist()}
    entries[name] = change(entries[name].decode())
    return packed(entries)


SHEET = "xl/worksheets/sheet1.xml"


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_delimiters_and_line_ends(delimiter: str, newline: str) -> None:
    """They are recognised by the header, whatever system wrote the file."""
    text = newline.join(delimiter.join(row) for row in (HEADER, (A, "Ann", "5")))
    assert read(text).debtors == [(2, A, "Ann", 500)]


def test_sep_line_is_understood() -> None:
    """The line that spreadsheets write to name the delimiter is not the header."""
    assert read(f"sep=;\nIBAN;Name;Amount\n{A};Ann;1,50\n").debtors == [(3, A, "Ann", 150)]


NAMES_OF_COLUMNS = st.text(st.sampled_from('ab",;|\t\n '), max_size=12).map(lambda text: f"x{text}")


@given(st.sampled_from(",;\t|"), NAMES_OF_COLUMNS, st.booleans(), st.booleans())
@example("\t", "x,,,,", False, False)
def test_what_a_quoted_header_holds_is_no_separator(
    separator: str, more: str, comes_first: bool, all_quoted: bool
) -> None:
    """However many commas or line ends are in a name, quoted or not, the file's own separator is
    found.
    """
    text = io.StringIO(newline="")
    quoting = csv.QUOTE_ALL if all_quoted else csv.QUOTE_MINIMAL
    writer = csv.writer(text, delimiter=separator, quoting=quoting)
    for row, cell in ((HEADER, more), ((A, "Ann", "5"), "")):
        writer.writerow((cell, *row) if comes_first else (*row, cell))
    [debtor] = read(text.getvalue()).debtors
    assert debtor[1:] == (A, "Ann", 500)


def test_a_quote_that_nobody_closes_costs_its_own_line_only() -> None:
    """Whether the next quote, the end of the file or the longest cell ends what it opened."""
    text = f'IBAN,Name,Amount\n{A},"Ann,5\n{B},Ben,6\n{A},"Cid",7\n{B},"Dan,8\n{B},Eve,9\n'
    seen = read(text)
    assert [debtor[::2] for debtor in seen.debtors] == [(3, "Ben"), (4, "Cid"), (6, "Eve")]
    assert list(seen.problems) == [2, 5]

    long = read(f'IBAN,Name,Amount\n{A},"Ann,5\n' + f"{B},Ben,6\n" * 10_000)
    assert (len(long.debtors), list(long.problems)) == (10_000, [2])


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
def test_encodings(encoding: str) -> None:
    """UTF-8 with and without its mark, UTF-16 with one, and Windows-1252."""
    [debtor] = read(f"IBAN,Name,Amount\n{A},Jürgen Groß,5\n".encode(encoding)).debtors
    assert debtor == (2, A, "Jürgen Groß", 500)


def test_headers_are_mapped_in_any_order_and_case() -> None:
    """The mapping names headers; case and outer spaces do not count, other columns are ignored."""
    mapping = ColumnMapping(iban="Konto", name="Kunde", amount="Betrag")
    text = f'x, BETRAG ,kunde,"konto"\n1,"1.234,56",Ann,{A}\n'
    assert read(text, mapping=mapping).debtors == [(2, A, "Ann", 123_456)]


@pytest.mark.parametrize(
    "row, word",
    [
        (f"{A},Ann,1234,56", "4 cells"),
        (f"{A},Ann", "2 cells"),
        (f"{A},Ann,1.234", "ambiguous"),
        (f"{A},A\x01nn,5", "name"),
        (f"{A},{'x' * 71},5", "longer"),
        (f'{A},"Ann"x,5', "cannot be read"),
        (f"{A},{'x' * 200_000},5", "cannot be read"),
        ("8.93704E+21,Ann,5", "IBAN"),
    ],
)
def test_bad_rows_are_refused_with_a_reason(row: str, word: str) -> None:
    """A row that cannot be read exactly is refused, and the rows around it are not."""
    found = read(f"IBAN,Name,Amount\n{B},Bob,1\n{row}\n{B},Bob,2\n")
    assert [debtor[0] for debtor in found.debtors] == [2, 4]
    assert word in found.problems[3]


def test_quoted_newlines_do_not_shift_line_numbers() -> None:
    """A row is named by the line that it starts on."""
    found = read(f'IBAN,Name,Amount\n{A},"Ann\nMiddle",5\n\n{B},Bob,6\n')
    assert found.debtors == [(2, A, "Ann Middle", 500), (5, B, "Bob", 600)]


@pytest.mark.parametrize(
    "content, word",
    [
        (b"", "no header"),
        (b"\n \n", "no header"),
        (b"IBAN,Name,Amount\n\x81\xff", "neither"),
        (b"IBAN,Name,Amount\n\0", "NUL"),
        ("IBAN,Name,Amount\n".encode("utf-16-le"), "NUL"),
        (b'"IBAN,Name,Amount\n', "header"),
        (b",".join([b"x"] * 1001), "cannot be told"),
        (b"Name,Amount\nAnn,5\n", "cannot be told"),
        (b"IBAN,IBAN,Name,Amount\n", "cannot be told"),
    ],
)
def test_files_that_cannot_be_read_say_why(content: bytes, word: str) -> None:
    """The whole file is refused with a reason for its sender."""
    with pytest.raises(FileRejectedError, match=word):
        read(content)


def test_blank_lines_before_the_header_do_not_hide_the_separator() -> None:
    """They are skipped as everywhere."""
    assert read(f"\n \nIBAN;Name;Amount\n{A};Ann;1,50\n").debtors == [(4, A, "Ann", 150)]


def test_file_with_nothing_but_a_header_has_no_rows() -> None:
    """It is not wrong, there is only nothing in it."""
    assert read("IBAN,Name,Amount\n").reading.rows == 0


@given(st.binary(max_size=400))
def test_any_bytes_are_parsed_or_refused(content: bytes) -> None:
    """No content breaks the reader, and every row is accounted for."""
    try:
        found = read(b"IBAN,Name,Amount\n" + content)
    except FileRejectedError:
        return
    assert found.reading.rows == len(found.debtors) + len(found.problems)


@given(
    st.lists(
        st.tuples(
            st.sampled_from([A, B, "DE89 3704 0044 0532 0130 00"]),
            st.text("aÄß ,;|'\"\n.", min_size=1, max_size=20).filter(str.strip),
            st.integers(1, 99_999_999),
        ),
        max_size=8,
    ),
    st.sampled_from(",;\t|"),
    st.sampled_from([csv.QUOTE_ALL, csv.QUOTE_MINIMAL]),
    st.sampled_from(["\n", "\r\n"]),
    st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
    st.booleans(),
)
def test_every_dialect_gives_the_same_rows(
    rows: list[tuple[str, str, int]],
    separator: str,
    quoting: Any,
    newline: str,
    encoding: str,
    says_separator: bool,
) -> None:
    """Whatever wrote the file, what was written is what is read."""
    text = io.StringIO(newline="")
    if says_separator:
        text.write(f"sep={separator}{newline}")
    writer = csv.writer(text, delimiter=separator, quoting=quoting, lineterminator=newline)
    writer.writerow(HEADER)
    writer.writerows((iban, name, f"{cents // 100},{cents % 100:02}") for iban, name, cents in rows)
    found = read(text.getvalue().encode(encoding))
    assert [debtor[1:] for debtor in found.debtors] == [
        (iban.replace(" ", ""), " ".join(name.split()), cents) for iban, name, cents in rows
    ]


@pytest.mark.parametrize("suffix, write", [(".xlsx", xlsx), (".xls", xls), (".ods", ods)])
def test_workbooks_are_read(suffix: str, write: Callable[[Rows], bytes]) -> None:
    """Texts and numbers of all three kinds, named by their row."""
    content = write([HEADER, (A, "Jürgen", 1234.56), (B, "Ann", "7,50")])
    assert read(content, suffix).debtors == [(2, A, "Jürgen", 123_456), (3, B, "Ann", 750)]


@pytest.mark.parametrize(
    "row, word",
    [
        ((893704004405320130, "Ann", 5), "IBAN is a number"),
        ((A, "Ann", 1.005), "two decimals"),
        ((A, "Ann", -5), "out of range"),
        ((A, "Ann", 1e300), "out of range"),
        ((A, "Ann", True), "not a number"),
        ((A, "Ann", date(2026, 1, 5)), "a date"),
        ((A, 12, 5), "name is not a text"),
        ((A, "Ann", None), "missing"),
    ],
)
def test_cells_of_the_wrong_kind_are_refused(row: Sequence[Any], word: str) -> None:
    """A number is no IBAN any more, a date is no amount, and nothing is made into a text."""
    found = read(xlsx([HEADER, row, (B, "Bob", 1)]), ".xlsx")
    assert word in found.problems[2]
    assert [debtor[0] for debtor in found.debtors] == [3]


def test_noise_of_binary_numbers_is_not_held_against_anybody() -> None:
    """0.1 + 0.2 is thirty cents."""
    assert read(xlsx([HEADER, (A, "Ann", 0.1 + 0.2)]), ".xlsx").debtors == [(2, A, "Ann", 30)]


def failed_formula(cell: Cell) -> None:
    """Let a cell hold what a failed formula leaves."""
    cell.value, cell.data_type = "#DIV/0!", "e"


def test_failed_formulas_are_errors_and_not_empty_cells() -> None:
    """Even a row of nothing else is a refused row, not an empty one that is skipped."""

    def fail(book: openpyxl.Workbook) -> None:
        failed_formula(book.active["C2"])
        for cell in book.active[3]:
            failed_formula(cell)

    found = read(xlsx([HEADER, (A, "Ann", 1), ("x", "x", "x"), (B, "Bob", 1)], fail), ".xlsx")
    assert "#DIV/0!" in found.problems[2]
    assert "#DIV/0!" in found.problems[3]
    assert [debtor[0] for debtor in found.debtors] == [4]


def test_formulas_that_were_never_computed_are_not_empty_cells() -> None:
    """Without a cached value there is nothing to read, and a row of them is not skipped."""
    rows = [HEADER, (A, "Ann", "=1+1"), ("=A2", "=B2", "=C2"), (B, "Bob", 1)]
    found = read(xlsx(rows), ".xlsx")
    assert found.problems == {
        2: "amount is a failed formula (not computed)",
        3: "IBAN is a failed formula (not computed)",
    }
    assert [debtor[0] for debtor in found.debtors] == [4]


def test_formulas_that_came_to_nothing_are_empty_cells() -> None:
    """Rows that a template fills with `=IF(x="", "", x)` are no rows of debtors."""
    book = xlsx([HEADER, (A, "Ann", 1), ('=""', '=""', '=""')])
    empty = replaced(
        book,
        SHEET,
        lambda xml: re.sub(
            r'<c r="(\w3)"><f>""</f><v ?/></c>', r'<c r="\1" t="str"><f>""</f><v></v></c>', xml
        ),
    )
    assert empty != book
    found = read(empty, ".xlsx")
    assert (found.reading.rows, found.problems) == (1, {})


def test_table_may_begin_anywhere() -> None:
    """Rows are named as a person sees them, below empty rows and beside empty columns."""

    def move(book: openpyxl.Workbook) -> None:
        book.active.move_range("A1:C3", rows=4, cols=2)
        failed_formula(book.active["E7"])

    found = read(xlsx([HEADER, (A, "Ann", 1), (B, "Bob", 1)], move), ".xlsx")
    assert found.debtors == [(6, A, "Ann", 100)]
    assert "#DIV/0!" in found.problems[7]


def test_wrong_size_of_a_sheet_is_not_believed() -> None:
    """A sheet that claims to be one cell is read whole."""
    content = replaced(
        xlsx([HEADER, (A, "Ann", 1)]), SHEET, lambda xml: xml.replace('ref="A1:C2"', 'ref="A1"')
    )
    assert len(read(content, ".xlsx").debtors) == 1


def test_hidden_sheets_are_not_read() -> None:
    """What nobody sees is not debited."""

    def hide(book: openpyxl.Workbook) -> None:
        book.create_sheet("old").append((A, "Ann", 1))
        book["old"].sheet_state = "hidden"

    assert len(read(xlsx([HEADER, (B, "Bob", 1)], hide), ".xlsx").debtors) == 1


def test_of_several_sheets_the_one_that_fits_is_read() -> None:
    """Notes beside the debtors do no harm; two sheets of debtors are a question."""

    def note(book: openpyxl.Workbook) -> None:
        book.create_sheet("notes", 0).append(("call", "them"))

    def repeat(book: openpyxl.Workbook) -> None:
        book.create_sheet("more").append(HEADER)

    rows = [HEADER, (A, "Ann", 1)]
    assert len(read(xlsx(rows, note), ".xlsx").debtors) == 1
    with pytest.raises(FileRejectedError, match="Several sheets"):
        read(xlsx(rows, repeat), ".xlsx")


GOOD = xlsx([HEADER, (A, "Ann", 1)])
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


@pytest.mark.parametrize(
    "content, suffix, word",
    [
        (b"IBAN,Name,Amount\n", ".xlsx", "not a workbook"),
        (GOOD, ".csv", "XLSX inside"),
        (GOOD, ".xls", "XLSX inside"),
        (GOOD, ".pdf", "not read"),
        (GOOD, ".xlsm", "not read"),
        (GOOD[: len(GOOD) // 2], ".xlsx", "damaged"),
        (b"PK\x03\x04" + b"x" * 100, ".xlsx", "damaged"),
        (packed({"a.txt": "x"}), ".xlsx", "an archive"),
        (packed({"inner.xlsx": GOOD}), ".xlsx", "an archive"),
        (packed({"xl/workbook.bin": "x"}), ".xlsx", "XLSB"),
        (packed({"xl/workbook.xml": "x", "xl/vbaProject.bin": "x"}), ".xlsx", "macros"),
        (packed({"xl/workbook.xml": "x"}), ".xlsx", "cannot be read"),
        (packed({f"{n}": "" for n in range(2001)}), ".xlsx", "too large"),
        (packed({"xl/workbook.xml": "0" * 50_000_000}), ".xlsx", "tight"),
        (packed({"mimetype": "0" * 5000, "a": bytes(range(256)) * 99}), ".ods", "damaged"),
        (OLE + b"x" * 9000, ".xls", "cannot be read"),
        (OLE + "EncryptedPackage".encode("utf-16-le"), ".xlsx", "password"),
        (OLE + "_VBA_PROJECT".encode("utf-16-le"), ".xls", "macros"),
    ],
)
def test_workbooks_that_are_not_read_say_why(content: bytes, suffix: str, word: str) -> None:
    """Damaged, packed to explode, protected, with macros, or something else altogether."""
    with pytest.raises(FileRejectedError, match=word):
        read(content, suffix)


def test_entities_are_not_expanded() -> None:
    """Billion laughs and files of the machine stay outside."""
    doctype = (
        '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">'
        '<!ENTITY f SYSTEM "file:///etc/passwd">]>'
    )
    inline = '<c r="B2" t="inlineStr"><is><t>&b;&f;</t></is></c>'
    content = replaced(
        xlsx([HEADER, (A, None, 1)]),
        SHEET,
        lambda xml: doctype + xml.replace('<c r="C2"', f'{inline}<c r="C2"'),
    )
    try:
        names = [debtor[2] for debtor in read(content, ".xlsx").debtors]
    except FileRejectedError:
        return
    assert not any("aaa" in name or "root" in name for name in names)


def test_sheet_of_seventeen_billion_cells_ends_the_child_only() -> None:
    """Two cells at the far corners: the reader needs more memory than it gets, and says so."""
    content = replaced(
        GOOD,
        SHEET,
        lambda xml: xml.replace(
            "</sheetData>", '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>'
        ),
    )
    work = partial(read_file, io.BytesIO(content), ".xlsx", None, io.BytesIO())
    with pytest.raises(FileRejectedError, match="memory or time"):
        sandbox.run(work)


def test_sandbox_gives_results_and_reasons_back() -> None:
    """What the child says is what the caller gets; our own mistakes are not the file's."""
    assert sandbox.run(lambda: 7) == 7
    with pytest.raises(FileRejectedError, match="why"):
        sandbox.run(partial(_raise, FileRejectedError("why")))
    with pytest.raises(sandbox.SandboxError, match="KeyError"):
        sandbox.run(partial(_raise, KeyError("secret")))
    with pytest.raises(FileRejectedError, match="memory or time"):
        sandbox.run(lambda: len(b"x" * (4 * sandbox.MEMORY_BYTES)))


def _raise(error: Exception) -> None:
    raise error


@pytest.mark.parametrize(
    "headers, row, expected",
    [
        (("iban", "NAME", "Amount "), (A, "Ann", "5"), None),
        (("Kontonummer", "Kontoinhaber", "Betrag"), (A, "Ann B", "5"), (0, 1, 2)),
        (("Account holder", "Account number", "Total due"), ("Ann B", A, "5"), (1, 0, 2)),
        (("Titulaire", "IBAN", "Montant"), ("Ann B", A, "5"), (1, 0, 2)),
        (("x", "y", "z"), ("Ann Bell", "5,00", A), (2, 0, 1)),
        (("Bank name", "Name", "IBAN", "Betrag"), ("Big Bank", "Ann B", A, "5"), (2, 1, 3)),
    ],
)
def test_columns_are_guessed(
    headers: Sequence[str], row: Sequence[str], expected: tuple[int, int, int] | None
) -> None:
    """By the headers' words in several languages, and by what stands below; own names need none."""
    text = io.StringIO()
    csv.writer(text).writerows([headers, row])
    found = read(text.getvalue())
    if expected is None:
        assert found.reading.suggested is None
        assert len(found.debtors) == 1
    else:
        iban, name, amount = (headers[place] for place in expected)
        assert found.reading.suggested == ColumnMapping(iban, name, amount)
        assert found.debtors == []
        assert read(text.getvalue(), mapping=found.reading.suggested).debtors
