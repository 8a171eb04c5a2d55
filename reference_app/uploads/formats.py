"""What kind of file it is: told by its content, and held against its name."""

import zipfile
from enum import Enum
from typing import IO

from reference_app.uploads.table import FileRejectedError

MAX_ENTRIES = 2_000
MAX_UNPACKED_BYTES = 1024 * 1024 * 1024
MAX_MIMETYPE_BYTES = 1024
MAX_RATIO = 200
"""How much larger than packed a workbook may be; real ones stay below thirty."""

_ZIP, _OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ODS_TYPE = b"application/vnd.oasis.opendocument.spreadsheet"
_SNIFFED_BYTES = 8
_CHUNK_BYTES = 1024 * 1024


class Format(Enum):
    """The kinds that are read."""

    CSV = "CSV"
    XLSX = "XLSX"
    XLS = "XLS"
    ODS = "ODS"


_BY_SUFFIX = {
    ".csv": Format.CSV,
    ".tsv": Format.CSV,
    ".txt": Format.CSV,
    ".xlsx": Format.XLSX,
    ".xls": Format.XLS,
    ".ods": Format.ODS,
}


def identify(source: IO[bytes], suffix: str) -> Format:
    """The kind of the file, or the reason why it is not read."""
    named = _BY_SUFFIX.get(suffix.lower())
    source.seek(0)
    start = source.read(_SNIFFED_BYTES)
    if start.startswith(_ZIP):
        found = _identify_zip(source)
    elif start == _OLE:
        found = _identify_ole(source)
    else:
        found = Format.CSV
    if named is None:
        raise FileRejectedError(f"Files named {suffix} are not read.")
    if found is not named:
        raise FileRejectedError(f"The file is named {suffix} but is {_shown(found)} inside.")
    return found


def _shown(found: Format) -> str:
    return "not a workbook" if found is Format.CSV else found.value


def _identify_zip(source: IO[bytes]) -> Format:
    try:
        with zipfile.ZipFile(source) as archive:
            _check_size(archive)
            names = frozenset(archive.namelist())
            mimetype = archive.read("mimetype")[:100] if "mimetype" in names else b""
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, OSError, ValueError):
        raise FileRejectedError("The workbook is damaged or cut off.") from None
    if any(name.lower().endswith("vbaproject.bin") for name in names):
        raise FileRejectedError("The workbook holds macros; save it without.")
    if "xl/workbook.bin" in names:
        raise FileRejectedError("Binary workbooks (XLSB) are not read; save it as XLSX.")
    if "xl/workbook.xml" in names:
        return Format.XLSX
    if mimetype == _ODS_TYPE:
        return Format.ODS
    raise FileRejectedError("The file is an archive, not a workbook.")


def _check_size(archive: zipfile.ZipFile) -> None:
    entries = archive.infolist()
    unpacked = sum(entry.file_size for entry in entries)
    packed = sum(entry.compress_size for entry in entries)
    if len(entries) > MAX_ENTRIES or unpacked > MAX_UNPACKED_BYTES:
        raise FileRejectedError("The workbook is too large when unpacked.")
    if unpacked > MAX_RATIO * max(packed, 1) and unpacked > MAX_RATIO * 1024:
        raise FileRejectedError("The workbook is packed suspiciously tight.")
    mimetypes = [entry for entry in entries if entry.filename == "mimetype"]
    if any(entry.file_size > MAX_MIMETYPE_BYTES for entry in mimetypes):
        raise FileRejectedError("The workbook is damaged or cut off.")


def _identify_ole(source: IO[bytes]) -> Format:
    """An old XLS, or the envelope of an encrypted XLSX. Its directory names what is in it."""
    if _contains(source, "EncryptedPackage".encode("utf-16-le")):
        raise FileRejectedError("The file is protected by a password; save it without.")
    if _contains(source, "_VBA_PROJECT".encode("utf-16-le")):
        raise FileRejectedError("The workbook holds macros; save it without.")
    return Format.XLS


def _contains(source: IO[bytes], wanted: bytes) -> bool:
    source.seek(0)
    before = b""
    while chunk := source.read(_CHUNK_BYTES):
        if wanted in before + chunk:
            return True
        before = chunk[-len(wanted) :]
    return False
