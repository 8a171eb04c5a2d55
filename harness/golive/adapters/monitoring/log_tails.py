"""The lines that were added to logs since the last look, across a rotation."""

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from golive.adapters.audit.shell import output
from golive.errors import UnobservableError
from golive.model.monitoring.ports import LogTail
from golive.model.target import ObserveLogs

SERVER_ERROR = re.compile(
    rb'"status(?:_code)?"\s*:\s*"?5\d\d\b'  # JSON
    rb'|" 5\d\d(?:\s|$)'  # the common log format; uvicorn
    rb"|\b5\d\d (?:GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS) /"  # Tornado
    rb"|\bCompleted 5\d\d\b"  # Rails
    rb"|\bstatus=5\d\d\b"
    rb"|^\[[^\]]+\] \w+\.(?:ERROR|CRITICAL|ALERT|EMERGENCY): "  # Laravel
)
ERROR = re.compile(
    rb'"level"\s*:\s*"(?:error|critical|fatal)"'
    rb"|\[(?:error|crit|alert|emerg)\]|\b(?:ERROR|FATAL|PANIC|CRITICAL):",
    re.IGNORECASE,
)
COMMAND = "command"
LONGEST_EXAMPLE = 200
UNREAD = "0:0"
"""Where a file begins that was not there at the last look."""
REMEMBERED_LINES = 3
"""By so many of its last lines a command's output is known again."""


class LogTails:
    """Reads on where the last look ended; `begun` holds that for every file."""

    def __init__(self, section: ObserveLogs, begun: Mapping[str, str]) -> None:
        self._section = section
        self._begun = begun

    def read(self) -> tuple[LogTail, ...]:
        """What was added; the first look only notes where the next one begins."""
        tails = [self._of_file(file) for file in self._section.files]
        if self._section.command is not None:
            tails.append(self._of_command(self._section.command))
        return tuple(tails)

    def _of_file(self, file: str) -> LogTail:
        path, begun = Path(file), self._begun.get(file, "")
        try:
            if not begun:
                facts = path.stat()
                return LogTail(file, f"{facts.st_ino}:{facts.st_size}", 0, 0, 0, "")
            counted = _Counted(file)
            mark = _count_added(path, begun, counted)
        except FileNotFoundError as error:
            return LogTail(file, begun or UNREAD, 0, 0, 0, "", error.strerror or "not there")
        except OSError as error:
            return LogTail(file, begun, 0, 0, 0, "", error.strerror or str(error))
        return counted.tail(mark)

    def _of_command(self, command: str) -> LogTail:
        begun = self._begun.get(COMMAND, "")
        try:
            text = output("observe.logs.command", command)
        except UnobservableError as error:
            return LogTail(COMMAND, begun, 0, 0, 0, "", error.reason)
        lines = text.splitlines()
        counted = _Counted(COMMAND)
        mark = f"{len(lines)}:{_digest(lines[-REMEMBERED_LINES:])}"
        if begun:
            told = _told_before(lines, begun)
            counted.missed = "" if told is not None else "it does not go on from what it printed"
            for line in lines[told or 0 :]:
                counted.add(line)
        return counted.tail(mark)


class _Counted:
    """What the new lines of one log tell."""

    def __init__(self, place: str) -> None:
        self._place = place
        self._lines = self._errors = self._server_errors = 0
        self._example = b""
        self.missed = ""
        """Why lines may have been added that were not counted."""

    def add(self, line: bytes) -> None:
        self._lines += 1
        self._errors += ERROR.search(line) is not None
        if SERVER_ERROR.search(line):
            self._server_errors += 1
            self._example = self._example or line

    def tail(self, mark: str) -> LogTail:
        example = self._example.decode(errors="replace").strip()[:LONGEST_EXAMPLE]
        counts = (self._lines, self._server_errors, self._errors)
        return LogTail(self._place, mark, *counts, example, self.missed)


def _count_added(path: Path, begun: str, counted: _Counted) -> str:
    """Count what was added; returns where the next look begins."""
    inode, offset = map(int, begun.split(":"))
    facts = path.stat()
    if facts.st_ino == inode and offset <= facts.st_size:
        return f"{inode}:{_count(path, offset, counted)}"
    if begun != UNREAD and not _count_rotated(path, inode, offset, counted):
        counted.missed = "it was rotated, and the rest of the old file is not beside it"
    return f"{facts.st_ino}:{_count(path, 0, counted)}"


def _count_rotated(path: Path, inode: int, offset: int, counted: _Counted) -> bool:
    """Count the rest of what was moved aside; whether it was found. A file that was copied and cut
    (`copytruncate`) lies there under a number of its own.
    """
    for other in sorted(path.parent.glob(f"{path.name}[.-]*")):
        with suppress(OSError):
            if other.stat().st_ino == inode:
                _count(other, offset, counted)
                return True
    copied = path.with_name(f"{path.name}.1")
    with suppress(OSError):
        if path.stat().st_ino == inode and copied.stat().st_size >= offset:
            _count(copied, offset, counted)
            return True
    return False


def _told_before(lines: Sequence[bytes], begun: str) -> int | None:
    """How many of the lines the last look has seen; None where nobody can say. What prints less
    than before, and other lines, prints another log.
    """
    count, _, digest = begun.partition(":")
    seen = int(count)
    ends: Iterable[int] = (seen, *range(len(lines), 0, -1))
    for end in ends:
        if end <= len(lines) and _digest(lines[max(0, end - REMEMBERED_LINES) : end]) == digest:
            return end
    return 0 if len(lines) < seen else None


def _digest(lines: Sequence[bytes]) -> str:
    return hashlib.sha256(b"\n".join(lines)).hexdigest()[:16]


def _count(path: Path, offset: int, counted: _Counted) -> int:
    """Count whole lines from an offset on; one that is being written waits for the next look."""
    with path.open("rb") as log:
        log.seek(offset)
        for line in log:
            if not line.endswith(b"\n"):
                break
            counted.add(line)
            offset += len(line)
    return offset
