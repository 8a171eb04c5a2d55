"""Guesses which column is which, by the headers' words and by what stands below them.

A guess is shown for confirmation and never acted upon.
"""

import re
from collections.abc import Callable, Sequence

from reference_app.uploads.amounts import AmountError, cents_of_number, parse_cents
from reference_app.uploads.column_mapping import ColumnMapping, fold
from reference_app.uploads.ibans import IbanError, parse_iban
from reference_app.uploads.table import Cell, Row

SAMPLE_ROWS = 50
MOST = 0.6
"""Share of the sampled rows that must look right for a column to be recognised by content."""

_WORDS = {
    "iban": r"iban|konto(nummer|nr)?|account ?(no|number|nr)|rekening(nummer)?|cuenta|conto|compte",
    "amount": r"amount|betrag|summe|sum|total|montant|importe|importo|bedrag|debt|due|forderung"
    r"|kwota|valor|offen",
    "name": r"name|inhaber|holder|debtor|schuldner|kunde|customer|client|titulaire|nom|titular"
    r"|nombre|intestatario|naam|debiteur|zahler|payer",
}
_UNLIKELY_NAME = re.compile(r"bank|file|user|product|datei|first|last|vor|street|stra(ss|ß)e|city")


def guess_mapping(headers: Sequence[str], sample: Sequence[Row]) -> ColumnMapping | None:
    """The columns that a file probably has; None where one of the three cannot be told."""
    free = [place for place, header in enumerate(headers) if _is_usable(header, headers)]
    found: dict[str, str] = {}
    # IBANs and amounts are told by what they are; a name is what is left.
    for column, looks_right in _LOOKS.items():
        place = _best(column, looks_right, free, headers, sample)
        if place is None:
            return None
        found[column] = headers[place].strip()
        free.remove(place)
    return ColumnMapping(**found)


def _is_usable(header: str, headers: Sequence[str]) -> bool:
    folded = fold(header)
    return bool(folded) and header.isprintable() and [fold(h) for h in headers].count(folded) == 1


def _best(
    column: str,
    looks_right: Callable[[Cell], bool],
    free: Sequence[int],
    headers: Sequence[str],
    sample: Sequence[Row],
) -> int | None:
    scored = [
        (_word_score(column, headers[place]) + _content_score(looks_right, place, sample), place)
        for place in free
    ]
    score, place = max(scored, key=lambda scored_place: scored_place[0], default=(0.0, -1))
    return place if score >= MOST else None


def _word_score(column: str, header: str) -> float:
    folded = fold(header)
    if column == "name" and _UNLIKELY_NAME.search(folded):
        return 0.0
    if re.fullmatch(_WORDS[column], folded):
        return 1.5
    return 1.0 if re.search(rf"(?<![^\W\d_])({_WORDS[column]})", folded) else 0.0


def _content_score(looks_right: Callable[[Cell], bool], place: int, sample: Sequence[Row]) -> float:
    cells = [row.cells[place] for row in sample if place < len(row.cells)]
    return sum(map(looks_right, cells)) / len(cells) if cells else 0.0


def _looks_like_iban(cell: Cell) -> bool:
    try:
        return isinstance(cell, str) and bool(parse_iban(cell))
    except IbanError:
        return False


def _looks_like_amount(cell: Cell) -> bool:
    try:
        if isinstance(cell, str):
            return bool(parse_cents(cell))
        return isinstance(cell, int | float) and bool(cents_of_number(cell))
    except AmountError:
        return False


def _looks_like_name(cell: Cell) -> bool:
    return isinstance(cell, str) and " " in cell.strip() and cell[:1].isalpha()


_LOOKS: dict[str, Callable[[Cell], bool]] = {
    "iban": _looks_like_iban,
    "amount": _looks_like_amount,
    "name": _looks_like_name,
}
