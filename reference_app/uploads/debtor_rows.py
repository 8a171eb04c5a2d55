"""Turns rows into debtors: each row is one, or has a reason why it is none."""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from reference_app.uploads.amounts import AmountError, cents_of_number, parse_cents
from reference_app.uploads.column_mapping import ColumnMapping, fold
from reference_app.uploads.ibans import IbanError, parse_iban
from reference_app.uploads.table import MAX_COLUMNS, Cell, ErrorCell, FileRejectedError, Row

MAX_NAME_CHARS = 70
"""What SEPA allows for a name."""


@dataclass(frozen=True, slots=True)
class DebtorRow:
    """One debt to collect."""

    line: int
    iban: str
    name: str
    amount_cents: int


class RowRejectedError(Exception):
    """The row is no debtor; the message says why, without what stood there."""


@dataclass(frozen=True)
class Columns:
    """Where in a row what stands."""

    iban: int
    name: int
    amount: int
    width: int


def find_columns(headers: Sequence[str], mapping: ColumnMapping) -> Columns:
    """The places of the mapped columns, or the reason why the file cannot be read."""
    if len(headers) > MAX_COLUMNS:
        raise FileRejectedError(f"The file has more than {MAX_COLUMNS} columns.")
    names = [fold(header) for header in headers]
    places: dict[str, int] = {}
    for column, wanted in mapping.to_fields().items():
        count = names.count(fold(wanted))
        if count != 1:
            found = "is missing" if count == 0 else "stands there more than once"
            raise FileRejectedError(f"The column for {column} ({wanted!r}) {found}.")
        places[column] = names.index(fold(wanted))
    return Columns(**places, width=len(headers))


def read_debtor(row: Row, columns: Columns) -> DebtorRow:
    """The debtor of a row."""
    if row.problem:
        raise RowRejectedError(row.problem)
    cells = row.cells
    # One cell more is what an unquoted decimal comma looks like: never guess which.
    if len(cells) != columns.width:
        raise RowRejectedError(f"line has {len(cells)} cells, the header has {columns.width}")
    try:
        iban = parse_iban(_text("IBAN", cells[columns.iban]))
        amount_cents = _cents(cells[columns.amount])
    except (IbanError, AmountError) as error:
        raise RowRejectedError(str(error)) from None
    return DebtorRow(row.line, iban, _name(_text("name", cells[columns.name])), amount_cents)


def _text(what: str, cell: Cell) -> str:
    if isinstance(cell, str):
        return cell
    if isinstance(cell, ErrorCell):
        raise RowRejectedError(f"{what} is a failed formula ({cell.text})")
    if what == "IBAN" and isinstance(cell, float | int):
        # A spreadsheet keeps fifteen digits of a number; the rest of the IBAN is gone for good.
        raise RowRejectedError("IBAN is a number; format the column as text and enter it again")
    raise RowRejectedError(f"{what} is not a text")


def _cents(cell: Cell) -> int:
    if isinstance(cell, bool):
        raise AmountError("amount is not a number")
    if isinstance(cell, int | float):
        return cents_of_number(cell)
    if isinstance(cell, str):
        return parse_cents(cell)
    if isinstance(cell, ErrorCell):
        raise AmountError(f"amount is a failed formula ({cell.text})")
    raise AmountError("amount is a date or a time")


def _name(raw: str) -> str:
    name = " ".join((raw if raw.isascii() else unicodedata.normalize("NFC", raw)).split())
    if not name:
        raise RowRejectedError("name is missing")
    if len(name) > MAX_NAME_CHARS:
        raise RowRejectedError(f"name is longer than {MAX_NAME_CHARS} characters")
    if not name.isprintable():
        raise RowRejectedError("name has characters that cannot be printed")
    return name
