"""The part of a file that a Range header asks for (RFC 9110, section 14)."""

import re
from dataclasses import dataclass

_RANGE = re.compile(r"bytes=\s*(\d{0,18})-(\d{0,18})\s*", re.ASCII | re.IGNORECASE)


@dataclass(frozen=True)
class ByteRange:
    """A part of a file."""

    first: int
    length: int

    def content_range(self, size_bytes: int) -> str:
        """As the answer tells it."""
        return f"bytes {self.first}-{self.first + self.length - 1}/{size_bytes}"


class UnsatisfiableRangeError(Exception):
    """The file has no byte of that range."""


def requested_range(header: str | None, size_bytes: int) -> ByteRange | None:
    """The range; None for the whole file, which also answers what is malformed or many ranges."""
    asked = _RANGE.fullmatch(header or "")
    if not asked or asked[0].endswith("=-"):
        return None
    first, last = asked[1], asked[2]
    if not first and not last:
        return None
    if not first:
        return _part(max(0, size_bytes - int(last)), size_bytes - 1, size_bytes)
    if last and int(last) < int(first):
        return None
    return _part(int(first), int(last) if last else size_bytes - 1, size_bytes)


def _part(first: int, last: int, size_bytes: int) -> ByteRange:
    if first >= size_bytes:
        raise UnsatisfiableRangeError
    return ByteRange(first, min(last, size_bytes - 1) - first + 1)
