"""Reads a whole file into a spool: a line for each row, ready to be copied into Postgres."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain, islice
from typing import IO

from reference_app.uploads.column_mapping import COLUMNS, ColumnMapping, fold
from reference_app.uploads.csv_file import open_csv
from reference_app.uploads.debtor_rows import RowRejectedError, find_columns, read_debtor
from reference_app.uploads.formats import Format, identify
from reference_app.uploads.guessing import SAMPLE_ROWS, guess_mapping
from reference_app.uploads.table import FileRejectedError, Row, Rows, header_text
from reference_app.uploads.workbook_file import open_workbook

SPOOL_COLUMNS = ("line", "iban", "name", "amount_cents", "reason")
MAX_SHOWN_HEADERS = 30

_NULL = "\\N"
_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


@dataclass(frozen=True)
class Reading:
    """What became of a file."""

    rows: int
    headers: tuple[str, ...]
    suggested: ColumnMapping | None = None
    """A guess that waits for confirmation; then no row was read."""


def read_file(
    source: IO[bytes], suffix: str, mapping: ColumnMapping | None, spool: IO[bytes]
) -> Reading:
    """Write every row of the file into the spool, in the format that COPY reads."""
    with _open(source, suffix, mapping) as rows:
        header = next(rows, None)
        if header is None or header.problem:
            raise FileRejectedError(
                f"The header {header.problem or 'is empty'}."
                if header
                else "The file holds no header."
            )
        headers = tuple(header_text(cell) for cell in header.cells)
        sample = list(islice(rows, SAMPLE_ROWS))
        known = mapping or _evident(headers)
        if known is None:
            return Reading(0, headers, _guess(headers, sample))
        columns = find_columns(headers, known)
        count = 0
        for row in chain(sample, rows):
            count += 1
            try:
                debtor = read_debtor(row, columns)
            except RowRejectedError as rejected:
                line = _line(row.line, _NULL, _NULL, _NULL, str(rejected))
            else:
                amount = str(debtor.amount_cents)
                line = _line(debtor.line, debtor.iban, debtor.name, amount, _NULL)
            spool.write(line)
    return Reading(count, headers)


@contextmanager
def _open(source: IO[bytes], suffix: str, mapping: ColumnMapping | None) -> Iterator[Rows]:
    found = identify(source, suffix)
    if found is Format.CSV:
        with open_csv(source) as rows:
            yield rows
        return

    def fits(headers: Sequence[str]) -> bool:
        wanted = mapping or _evident(headers) or guess_mapping(headers, ())
        folded = {fold(header) for header in headers}
        return wanted is not None and folded >= {fold(h) for h in wanted.to_fields().values()}

    with open_workbook(source, is_xlsx=found is Format.XLSX, fits=fits) as rows:
        yield rows


def _evident(headers: Sequence[str]) -> ColumnMapping | None:
    """The mapping of a file whose headers are the columns' own names."""
    folded = [fold(header) for header in headers]
    return ColumnMapping() if all(folded.count(column) == 1 for column in COLUMNS) else None


def _guess(headers: tuple[str, ...], sample: list[Row]) -> ColumnMapping:
    guess = guess_mapping(headers, sample)
    if guess is None:
        shown = ", ".join(repr(header[:50]) for header in headers[:MAX_SHOWN_HEADERS])
        raise FileRejectedError(
            f"Which columns hold IBAN, name and amount cannot be told; the headers are {shown}."
        )
    return guess


def _line(line: int, iban: str, name: str, amount: str, reason: str) -> bytes:
    # Only names and reasons can hold what COPY would take for more than a letter.
    if name is not _NULL:
        name = name.translate(_ESCAPES)
    if reason is not _NULL:
        reason = reason.translate(_ESCAPES)
    return f"{line}\t{iban}\t{name}\t{amount}\t{reason}\n".encode()
