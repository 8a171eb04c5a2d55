"""Line numbers of the keys of a TOML file.

The standard library's parser does not keep positions, and neither do the style-preserving ones.
A line-wise scan is enough here: it only serves error messages, and falls back to the table's line.
"""

import re

_TABLE = re.compile(r"^\s*\[\[?\s*([^\]]+?)\s*\]\]?\s*(#.*)?$")
_KEY = re.compile(
    r"""^\s*((?:[A-Za-z0-9_-]+|"[^"]*"|'[^']*')(?:\s*\.\s*(?:[A-Za-z0-9_-]+))*)\s*="""
)


def lines_of(text: str) -> dict[str, int]:
    """Dotted key -> 1-based line, for tables and for keys."""
    found: dict[str, int] = {}
    table = ""
    for number, line in enumerate(text.splitlines(), start=1):
        if header := _TABLE.match(line):
            table = _plain(header[1])
            found.setdefault(table, number)
        elif key := _KEY.match(line):
            name = _plain(key[1])
            found.setdefault(f"{table}.{name}" if table else name, number)
    return found


def line_of(key: str, lines: dict[str, int]) -> int:
    """The line of a dotted key, else of the nearest table above it, else 0."""
    while key:
        if key in lines:
            return lines[key]
        key = key.rpartition(".")[0]
    return 0


def _plain(name: str) -> str:
    return ".".join(part.strip().strip("\"'") for part in name.split("."))
