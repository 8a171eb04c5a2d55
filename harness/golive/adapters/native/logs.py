"""The ends of log files."""

import os
from pathlib import Path

TAIL_LINES = 15
# Enough for any number of lines that a person asks for, and never a whole huge file.
TAIL_BYTES = 4 * 1024 * 1024


def last_lines(path: Path, count: int) -> list[str]:
    """The last lines of a file; none where there is no file."""
    try:
        with path.open("rb") as file:
            size = file.seek(0, os.SEEK_END)
            file.seek(max(0, size - TAIL_BYTES))
            return file.read().decode(errors="replace").splitlines()[-count:]
    except OSError:
        return []


def tail(path: Path) -> str:
    """What an error shows of a log: its last lines, indented, and where the rest is."""
    lines = last_lines(path, TAIL_LINES)
    return "\n".join([*(f"  | {line}" for line in lines), f"  the end of {path}"]) if lines else ""
