"""What every kind of file comes down to: numbered rows of cells."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, time, timedelta

MAX_COLUMNS = 1000
MAX_CELL_CHARS = 10_000


class FileRejectedError(Exception):
    """The file as a whole cannot be read; trying again will not help. The message says why."""


@dataclass(frozen=True)
class ErrorCell:
    """A cell whose formula failed, such as `#DIV/0!`."""

    text: str


Cell = str | int | float | bool | date | time | timedelta | ErrorCell


@dataclass(frozen=True, slots=True)
class Row:
    """One row that holds something, or the reason why it cannot be read."""

    line: int
    """As a person who opens the file sees it, counted from one."""
    cells: Sequence[Cell]
    problem: str = ""


Rows = Iterator[Row]


def header_text(cell: Cell) -> str:
    """A cell of the header as text."""
    return cell if isinstance(cell, str) else ""
