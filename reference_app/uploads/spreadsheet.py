"""Reads the CSV of an upload into debtors and refused lines.

Every data line ends up in exactly one of three places: created, duplicate or invalid. A duplicate
is a second line with the same IBAN and the same amount; the same IBAN with another amount is
another debt. Duplicates are found over the whole file, never per chunk.
"""

import codecs
import csv
import io
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import IO

from reference_app.uploads.amounts import AmountError, parse_cents
from reference_app.uploads.column_mapping import ColumnMapping, fold
from reference_app.uploads.ibans import IbanError, parse_iban

MAX_KEPT_ERRORS = 1000
"""All refused lines are counted; only the first ones are kept with their reason."""
MAX_NAME_CHARS = 70
"""What SEPA allows for a name."""

_DELIMITERS = (",", ";", "\t")
_CHUNK_BYTES = 256 * 1024


class FileRejectedError(Exception):
    """The file as a whole cannot be read; trying again will not help. The message says why."""


class _RowRejectedError(Exception):
    """One line cannot be read; the message says why."""


@dataclass(frozen=True)
class DebtorRow:
    """One debt to collect."""

    line: int
    iban: str
    name: str
    amount_cents: int


@dataclass(frozen=True)
class RowProblem:
    """A refused line."""

    line: int
    reason: str


@dataclass(frozen=True)
class ParsedFile:
    """All that a file holds."""

    debtors: Sequence[DebtorRow]
    problems: Sequence[RowProblem]
    rows: int
    duplicates: int
    invalid: int


@dataclass(frozen=True)
class _Columns:
    iban: int
    name: int
    amount: int
    width: int


def parse_csv(source: IO[bytes], mapping: ColumnMapping) -> ParsedFile:
    """Read a whole file."""
    source.seek(0)
    encoding = _encoding(source)
    source.seek(0)
    text = io.TextIOWrapper(source, encoding=encoding, newline="")
    try:
        return _parse(text, mapping)
    finally:
        text.detach()


def _parse(text: io.TextIOWrapper, mapping: ColumnMapping) -> ParsedFile:
    first_line, delimiter = _dialect(text)
    lines = _Lines(text, delimiter, first_line)
    columns = _columns(lines, mapping)
    debtors: list[DebtorRow] = []
    problems: list[RowProblem] = []
    seen: set[tuple[str, int]] = set()
    rows = invalid = duplicates = 0
    for line, cells in lines:
        rows += 1
        try:
            debtor = _debtor(line, cells, columns)
        except _RowRejectedError as error:
            invalid += 1
            if len(problems) < MAX_KEPT_ERRORS:
                problems.append(RowProblem(line, str(error)))
            continue
        if (debtor.iban, debtor.amount_cents) in seen:
            duplicates += 1
            continue
        seen.add((debtor.iban, debtor.amount_cents))
        debtors.append(debtor)
    return ParsedFile(debtors, problems, rows, duplicates, invalid)


class _Lines:
    """The lines that hold something, each with the number of its first physical line.

    A line that CSV itself cannot read comes as an error in place of its cells.
    """

    def __init__(self, text: io.TextIOWrapper, delimiter: str, first_line: int) -> None:
        self._reader = csv.reader(text, delimiter=delimiter, strict=True)
        self._skipped = first_line - 1

    def __iter__(self) -> Iterator[tuple[int, list[str] | csv.Error]]:
        while True:
            line = self._reader.line_num + self._skipped + 1
            try:
                cells = next(self._reader)
            except StopIteration:
                return
            except csv.Error as error:
                yield line, error
                continue
            if any(cell.strip() for cell in cells):
                yield line, cells


def _encoding(source: IO[bytes]) -> str:
    if source.read(2) in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
        raise FileRejectedError("The file is UTF-16; save it as UTF-8.")
    for encoding in ("utf-8-sig", "cp1252"):
        source.seek(0)
        decoder = codecs.getincrementaldecoder(encoding)("strict")
        try:
            while chunk := source.read(_CHUNK_BYTES):
                decoder.decode(chunk)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            continue
        return encoding
    raise FileRejectedError("The file is neither UTF-8 nor Windows-1252.")


def _dialect(text: io.TextIOWrapper) -> tuple[int, str]:
    """Number of the header's line and the delimiter; the reader is left at the header."""
    start = text.readline(2048)
    declared = start.strip().lower()
    if declared.startswith("sep=") and start.strip()[4:] in _DELIMITERS:
        return 2, start.strip()[4:]
    text.seek(0)
    # The header names three columns, so its delimiter is in it; amounts cannot confuse the count.
    return 1, max(_DELIMITERS, key=start.count)


def _columns(lines: _Lines, mapping: ColumnMapping) -> _Columns:
    _line, header = next(iter(lines), (1, []))
    if isinstance(header, csv.Error):
        raise FileRejectedError(f"The header cannot be read: {header}.")
    names = [fold(cell) for cell in header]
    places: dict[str, int] = {}
    for column, wanted in mapping.to_fields().items():
        count = names.count(fold(wanted))
        if count != 1:
            found = "is missing" if count == 0 else "stands there more than once"
            raise FileRejectedError(f"The column for {column} ({wanted!r}) {found}.")
        places[column] = names.index(fold(wanted))
    return _Columns(**places, width=len(header))


def _debtor(line: int, cells: list[str] | csv.Error, columns: _Columns) -> DebtorRow:
    if isinstance(cells, csv.Error):
        raise _RowRejectedError(f"line cannot be read: {cells}")
    # One cell more is what an unquoted decimal comma looks like: never guess which.
    if len(cells) != columns.width:
        raise _RowRejectedError(f"line has {len(cells)} cells, the header has {columns.width}")
    try:
        iban = parse_iban(cells[columns.iban])
        amount_cents = parse_cents(cells[columns.amount])
    except (IbanError, AmountError) as error:
        raise _RowRejectedError(str(error)) from None
    return DebtorRow(line, iban, _name(cells[columns.name]), amount_cents)


def _name(raw: str) -> str:
    name = " ".join(unicodedata.normalize("NFC", raw).split())
    if not name:
        raise _RowRejectedError("name is missing")
    if len(name) > MAX_NAME_CHARS:
        raise _RowRejectedError(f"name is longer than {MAX_NAME_CHARS} characters")
    if not name.isprintable():
        raise _RowRejectedError("name has characters that cannot be printed")
    return name
