"""CSV files of uploads."""

from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reference_app.uploads.column_mapping import ColumnMapping
from reference_app.uploads.spreadsheet import (
    MAX_KEPT_ERRORS,
    FileRejectedError,
    ParsedFile,
    parse_csv,
)

A, B = "DE89370400440532013000", "NL91ABNA0417164300"


def parse(text: str | bytes, mapping: ColumnMapping | None = None) -> ParsedFile:
    """Parse a file given as text."""
    content = text.encode() if isinstance(text, str) else text
    return parse_csv(BytesIO(content), mapping or ColumnMapping())


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_delimiters_and_line_ends(delimiter: str, newline: str) -> None:
    """Comma, semicolon and tab are recognised by the header."""
    text = newline.join(
        delimiter.join(row) for row in (("IBAN", "Name", "Amount"), (A, "Ann", "5"))
    )
    [debtor] = parse(text).debtors
    assert (debtor.line, debtor.iban, debtor.name, debtor.amount_cents) == (2, A, "Ann", 500)


def test_sep_line_is_understood() -> None:
    """The line that spreadsheets write to name the delimiter is not the header."""
    parsed = parse(f"sep=;\nIBAN;Name;Amount\n{A};Ann;1,50\n")
    assert [(d.line, d.amount_cents) for d in parsed.debtors] == [(3, 150)]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
def test_encodings(encoding: str) -> None:
    """UTF-8 with and without its mark, and Windows-1252."""
    [debtor] = parse(f"IBAN,Name,Amount\n{A},Jürgen Groß,5\n".encode(encoding)).debtors
    assert debtor.name == "Jürgen Groß"


def test_headers_are_mapped_in_any_order_and_case() -> None:
    """The mapping names headers; case and outer spaces do not count, other columns are ignored."""
    mapping = ColumnMapping(iban="Konto", name="Kunde", amount="Betrag")
    parsed = parse(f'x, BETRAG ,kunde,"konto"\n1,"1.234,56",Ann,{A}\n', mapping)
    assert [(d.iban, d.name, d.amount_cents) for d in parsed.debtors] == [(A, "Ann", 123_456)]


def test_every_line_is_counted_once() -> None:
    """Created, duplicate and invalid add up; blank lines are none; numbers are the file's."""
    parsed = parse(
        f"IBAN,Name,Amount\n{A},Ann,5\n\n{A},Ann again,5.00\n{A},Ann owes more,6\n"
        f"bad,Bob,5\n{B},,5\n"
    )
    assert (parsed.rows, len(parsed.debtors), parsed.duplicates, parsed.invalid) == (5, 2, 1, 2)
    assert [d.line for d in parsed.debtors] == [2, 5]
    assert [p.line for p in parsed.problems] == [6, 7]


@pytest.mark.parametrize(
    "row, word",
    [
        (f"{A},Ann,1234,56", "4 cells"),
        (f"{A},Ann", "2 cells"),
        (f"{A},Ann,1.234", "ambiguous"),
        (f"{A},A\x00nn,5", "name"),
        (f"{A},{'x' * 71},5", "longer"),
        (f'{A},"Ann"x,5', "cannot be read"),
        ("8.93704E+21,Ann,5", "IBAN"),
    ],
)
def test_bad_rows_are_refused_with_a_reason(row: str, word: str) -> None:
    """A row that cannot be read exactly is refused, and the rows around it are not."""
    parsed = parse(f"IBAN,Name,Amount\n{B},Bob,1\n{row}\n{B},Bob,2\n")
    assert [d.line for d in parsed.debtors] == [2, 4]
    [problem] = parsed.problems
    assert problem.line == 3
    assert word in problem.reason


def test_quoted_newlines_do_not_shift_line_numbers() -> None:
    """A row is named by the line that it starts on."""
    parsed = parse(f'IBAN,Name,Amount\n{A},"Ann\nMiddle",5\n{B},Bob,6\n')
    assert [(d.line, d.name) for d in parsed.debtors] == [(2, "Ann Middle"), (4, "Bob")]


@pytest.mark.parametrize(
    "content, word",
    [
        (b"Name,Amount\nAnn,5\n", "iban"),
        (b"IBAN,IBAN,Name,Amount\n", "more than once"),
        (b"", "missing"),
        ("IBAN,Name,Amount\n".encode("utf-16"), "UTF-16"),
        (b"IBAN,Name,Amount\n\x81\xff", "neither"),
        (b'"IBAN,Name,Amount\n', "header"),
    ],
)
def test_files_that_cannot_be_read_say_why(content: bytes, word: str) -> None:
    """The whole file is refused with a reason for its sender."""
    with pytest.raises(FileRejectedError, match=word):
        parse(content)


def test_kept_reasons_are_bounded_and_the_count_is_not() -> None:
    """A file of nothing but errors does not fill the database."""
    parsed = parse("IBAN,Name,Amount\n" + "x,y,z\n" * (MAX_KEPT_ERRORS + 5))
    assert (parsed.invalid, len(parsed.problems)) == (MAX_KEPT_ERRORS + 5, MAX_KEPT_ERRORS)


@given(st.binary(max_size=400))
def test_any_bytes_are_parsed_or_refused(content: bytes) -> None:
    """No content breaks the parser, and the counts always add up."""
    try:
        parsed = parse(b"IBAN,Name,Amount\n" + content)
    except FileRejectedError:
        return
    assert parsed.rows == len(parsed.debtors) + parsed.duplicates + parsed.invalid
