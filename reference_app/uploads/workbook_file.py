"""Workbooks: XLSX, XLS and ODS, read by calamine, which is many times faster than openpyxl.

Calamine gives an empty text for a cell whose formula failed (`#DIV/0!`) or was never computed,
which would pass for a cell that somebody left empty, or even for an empty row. An XLSX with empty
cells is therefore looked at again with openpyxl, which tells them apart.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import IO, Any

import openpyxl
from openpyxl.cell.read_only import EmptyCell
from python_calamine import (
    CalamineError,
    CalamineSheet,
    CalamineWorkbook,
    PasswordError,
    SheetTypeEnum,
    SheetVisibleEnum,
)

from reference_app.uploads.table import Cell, ErrorCell, FileRejectedError, Row, Rows, header_text

Fits = Callable[[Sequence[str]], bool]


@contextmanager
def open_workbook(source: IO[bytes], *, is_xlsx: bool, fits: Fits) -> Iterator[Rows]:
    """The rows of the one sheet that holds debtors; `fits` says whether a header could be it."""
    source.seek(0)
    try:
        with CalamineWorkbook.from_filelike(source) as workbook:
            sheet = _the_sheet(workbook, fits)
            failed = _failed_cells(source, sheet) if is_xlsx else {}
            yield _rows(sheet, failed)
    except PasswordError:
        raise FileRejectedError("The file is protected by a password; save it without.") from None
    # Whatever the parser stumbles over is the file's fault.
    except (CalamineError, OSError, ValueError) as error:
        raise FileRejectedError(f"The workbook cannot be read ({type(error).__name__}).") from None


def _the_sheet(workbook: CalamineWorkbook, fits: Fits) -> CalamineSheet:
    visible = [
        workbook.get_sheet_by_name(known.name)
        for known in workbook.sheets_metadata
        if known.typ == SheetTypeEnum.WorkSheet and known.visible == SheetVisibleEnum.Visible
    ]
    filled = [sheet for sheet in visible if sheet.height]
    if len(filled) > 1:
        filled = [sheet for sheet in filled if fits(_header(sheet))] or filled
    if len(filled) != 1:
        names = ", ".join(sheet.name for sheet in filled)
        raise FileRejectedError(
            f"Several sheets could be meant ({names[:200]}); keep one."
            if filled
            else "No visible sheet holds anything."
        )
    return filled[0]


def _header(sheet: CalamineSheet) -> list[str]:
    first = next((row for row in sheet.iter_rows() if any(cell != "" for cell in row)), [])
    return [header_text(cell) for cell in first]


def _rows(sheet: CalamineSheet, failed: Mapping[int, Mapping[int, str]]) -> Rows:
    for line, values in enumerate(sheet.iter_rows(), 1):
        cells: list[Cell] = [*values]
        for column, text in failed.get(line, {}).items():
            # Of a formula with a value calamine has told it.
            if column < len(cells) and cells[column] == "":
                cells[column] = ErrorCell(text)
        if any(cell != "" and not _is_blank(cell) for cell in cells):
            yield Row(line, cells)


def _is_blank(cell: Cell) -> bool:
    return isinstance(cell, str) and not cell.strip()


def _failed_cells(source: IO[bytes], sheet: CalamineSheet) -> Mapping[int, Mapping[int, str]]:
    """Formulas without a value, by line and column, the column counted as calamine does."""
    if not _has_gaps(sheet) or sheet.start is None:
        return {}
    formulas = {
        (cell.row, cell.column)
        for cell in _cells(source, sheet.name, data_only=False)
        if cell.data_type == "f"
    }
    failed: dict[int, dict[int, str]] = {}
    for cell in _cells(source, sheet.name, data_only=True):
        text = ""
        if cell.data_type == "e":
            text = str(cell.value)
        # One that came to an empty text is of another type: that is a value.
        elif cell.data_type == "n" and cell.value is None and (cell.row, cell.column) in formulas:
            text = "not computed"
        if text:
            failed.setdefault(cell.row, {})[cell.column - 1 - sheet.start[1]] = text
    return failed


def _cells(source: IO[bytes], sheet: str, *, data_only: bool) -> Iterator[Any]:
    """The cells of a sheet that the file mentions, read one row at a time."""
    source.seek(0)
    workbook = openpyxl.load_workbook(source, read_only=True, data_only=data_only, keep_links=False)
    worksheet: Any = workbook[sheet]
    # The size that a file claims may be wrong, and openpyxl would believe it.
    worksheet.reset_dimensions()
    for cells in worksheet.iter_rows():
        # What stands between two cells of a row is made up by openpyxl and has no place.
        yield from (cell for cell in cells if not isinstance(cell, EmptyCell))


def _has_gaps(sheet: CalamineSheet) -> bool:
    """Whether any cell after the header is empty: only such a cell can hide a failed formula."""
    rows = sheet.iter_rows()
    for _header_or_before in range((sheet.start or (0, 0))[0] + 1):
        next(rows, None)
    return any(cell == "" for row in rows for cell in row)
