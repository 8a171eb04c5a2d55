"""CSV files as the world writes them: encodings, separators, line ends, quoted line breaks."""

import codecs
import csv
import io
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO

from reference_app.uploads.table import FileRejectedError, Row, Rows

SEPARATORS = (",", ";", "\t", "|")
_CHUNK_BYTES = 256 * 1024
_UTF16_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


@contextmanager
def open_csv(source: IO[bytes]) -> Iterator[Rows]:
    """The rows of a file, read as they are asked for."""
    encoding = _encoding(source)
    source.seek(0)
    # Line ends stay as they are: they may be part of a quoted cell.
    text = io.TextIOWrapper(source, encoding=encoding, newline="")
    try:
        yield _rows(text)
    finally:
        text.detach()


def _rows(text: io.TextIOWrapper) -> Rows:
    skipped, separator = _dialect(text)
    reader = csv.reader(text, delimiter=separator, strict=True)
    while True:
        line = reader.line_num + skipped + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield Row(line, (), f"line cannot be read: {error}")
            continue
        if any(cell.strip() for cell in cells):
            yield Row(line, cells)


def _encoding(source: IO[bytes]) -> str:
    """The encoding that reads the whole file: nothing shorter proves one."""
    source.seek(0)
    marked = source.read(2) in _UTF16_MARKS
    for encoding in ("utf-16",) if marked else ("utf-8-sig", "cp1252"):
        source.seek(0)
        if _reads(source, encoding):
            return encoding
    raise FileRejectedError("The file is neither UTF-8 nor UTF-16 with a mark nor Windows-1252.")


def _reads(source: IO[bytes], encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)("strict")
    try:
        while chunk := source.read(_CHUNK_BYTES):
            if "\0" in decoder.decode(chunk):
                raise FileRejectedError("The file contains NUL characters; it is not a text file.")
        decoder.decode(b"", final=True)
    except UnicodeError:
        return False
    return True


def _dialect(text: io.TextIOWrapper) -> tuple[int, str]:
    """Lines before the header, and the separator; the reader is left at the header."""
    start = text.readline(2048)
    declared = start.strip("\ufeff \r\n")
    if declared[:4].lower() == "sep=" and declared[4:] in SEPARATORS:
        return 1, declared[4:]
    while start and not start.strip():
        start = text.readline(2048)
    text.seek(0)
    # The header names three columns, so its separator is in it; amounts cannot confuse the count.
    return 0, max(SEPARATORS, key=start.count)
