"""CSV that a spreadsheet program cannot take for formulas."""

import csv
import io
from collections.abc import Iterable, Sequence

from golive.model.ticket import Ticket

FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")  # noqa: RUF001 - full width

Row = Sequence[object]


def sheet(header: Sequence[str], rows: Iterable[Row]) -> str:
    """A CSV document; None is an empty cell, and numbers stay numbers."""
    written = io.StringIO(newline="")
    writer = csv.writer(written)
    writer.writerow(header)
    writer.writerows([_cell(value) for value in row] for row in rows)
    return written.getvalue()


def harmless(text: str) -> str:
    """The text with a quote before a sign, or blanks and a sign, that would begin a formula."""
    begins = text.startswith(FORMULA_SIGNS) or text.lstrip().startswith(FORMULA_SIGNS)
    return f"'{text}" if begins else text


def padded(values: Sequence[object], width: int) -> list[object]:
    """Values for a column that is repeated: empty cells behind."""
    return [*values, *[None] * (width - len(values))]


def quoted(tickets: Sequence[Ticket]) -> tuple[str, ...]:
    """The sentence to say where a cell had to be made harmless."""
    keys = [one.key for one in tickets if one.text.lead != harmless(one.text.lead)]
    if not keys:
        return ()
    return (f"{', '.join(keys)}: the description begins like a formula and gets a ' in front",)


def _cell(value: object) -> object:
    if value is None or isinstance(value, int | float):
        return value
    return harmless(str(value))
