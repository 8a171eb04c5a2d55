"""CSV files as the world writes them: encodings, separators, line ends, quoted line breaks."""

import codecs
import csv
import io
import re
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO

from reference_app.uploads.table import FileRejectedError, Row, Rows

SEPARATORS = (",", ";", "\t", "|")
_CHUNK_BYTES = 256 * 1024
_HEAD_CHARS = 16 * 1024
_QUOTED = re.compile(r'(?<![^,;\t|\r\n\ufeff])"(?:[^"]|"")*"')
_LINE_END = re.compile(r"[\r\n]")
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


class _Lines:
    """The lines of a file. Those after the first of a record can be given back."""

    def __init__(self, text: io.TextIOWrapper, number: int) -> None:
        self._text = text
        self._given_back: deque[str] = deque()
        self._record: list[str] = []
        self.number = number

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = self._given_back.popleft() if self._given_back else next(self._text)
        self._record.append(line)
        self.number += 1
        return line

    def begin_record(self) -> None:
        self._record.clear()

    def give_back(self) -> None:
        rest = self._record[1:]
        self._given_back.extendleft(reversed(rest))
        self.number -= len(rest)


def _rows(text: io.TextIOWrapper) -> Rows:
    skipped, separator = _dialect(text)
    lines = _Lines(text, skipped)
    reader = csv.reader(lines, delimiter=separator, strict=True)
    while True:
        line = lines.number + 1
        lines.begin_record()
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            # A quote that nobody closes must not swallow the lines below.
            lines.give_back()
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
    declared = text.readline(2048).strip("\ufeff \r\n")
    if declared[:4].lower() == "sep=" and declared[4:] in SEPARATORS:
        return 1, declared[4:]
    text.seek(0)
    head = _QUOTED.sub("", text.read(_HEAD_CHARS)).lstrip("\ufeff \r\n")
    text.seek(0)
    # Of a line of quoted cells its separators are left.
    lines = [line for line in _LINE_END.split(head) if line] or [""]
    header, row = lines[0], lines[min(1, len(lines) - 1)]
    # The header names three columns, so its separator is in it, and divides the row below as well;
    # amounts and names may hold any of them, but seldom both do.
    both = {one: min(header.count(one), row.count(one)) for one in SEPARATORS}
    return 0, max(SEPARATORS, key=lambda one: (both[one], header.count(one)))
