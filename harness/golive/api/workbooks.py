"""Workbooks that are as small as one can be, so that one part of them can be wrong."""

import io
import zipfile
from collections.abc import Mapping

SHEET = "xl/worksheets/sheet1.xml"
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
TYPES = "http://schemas.openxmlformats.org/package/2006/content-types"
WORKBOOK_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"
SHEET_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"

SKELETON = {
    "[Content_Types].xml": f'<Types xmlns="{TYPES}"><Default Extension="rels" ContentType='
    '"application/vnd.openxmlformats-package.relationships+xml"/>'
    f'<Override PartName="/xl/workbook.xml" ContentType="{WORKBOOK_TYPE}"/>'
    f'<Override PartName="/{SHEET}" ContentType="{SHEET_TYPE}"/></Types>',
    "_rels/.rels": f'<Relationships xmlns="{RELATIONS}"><Relationship Id="r1" '
    f'Type="{OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
    "xl/workbook.xml": f'<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}"><sheets>'
    '<sheet name="a" sheetId="1" r:id="r1"/></sheets></workbook>',
    "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{RELATIONS}"><Relationship Id="r1" '
    f'Type="{OFFICE}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>',
}


def workbook(sheet: bytes, parts: Mapping[str, str | bytes] | None = None) -> bytes:
    """A workbook with one sheet of this XML, and with more parts or others."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in {**SKELETON, SHEET: sheet, **(parts or {})}.items():
            archive.writestr(name, text)
    return content.getvalue()


def sheet(rows: str, prologue: str = "", more: str = "") -> bytes:
    """The XML of a sheet."""
    start = f'<worksheet xmlns="{MAIN}">{more}'
    return f"{prologue}{start}<sheetData>{rows}</sheetData></worksheet>".encode()


def row(*cells: str) -> str:
    """A row of texts."""
    return f"<row>{''.join(map(cell, cells))}</row>"


def cell(text: str) -> str:
    """A cell that holds a text."""
    return f'<c t="inlineStr"><is><t>{text}</t></is></c>'
