"""The lines that were added to logs since the last look, across a rotation."""

import re
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from golive.adapters.audit.shell import output
from golive.errors import UnobservableError
from golive.model.monitoring.ports import LogTail
from golive.model.target import ObserveLogs

SERVER_ERROR = re.compile(
    rb'"status(?:_code)?"\s*:\s*"?5\d\d\b'  # JSON
    rb'|" 5\d\d \d'  # the common log format
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
        except OSError as error:
            return LogTail(file, begun, 0, 0, 0, "", error.strerror or str(error))
        return counted.tail(mark)

    def _of_command(self, command: str) -> LogTail:
        begun = self._begun.get(COMMAND, "")
        try:
            text = output("observe.logs.command", command)
        except UnobservableError as error:
            return LogTail(COMMAND, begun, 0, 0, 0, "", error.reason)
        told = int(begun or len(text))
        # What prints less than before prints another log.
        counted = _Counted(COMMAND)
        for line in (text[told:] if told <= len(text) else text).splitlines():
            counted.add(line)
        return counted.tail(str(len(text)))


class _Counted:
    """What the new lines of one log tell."""

    def __init__(self, place: str) -> None:
        self._place = place
        self._lines = self._errors = self._server_errors = 0
        self._example = b""

    def add(self, line: bytes) -> None:
        self._lines += 1
        self._errors += ERROR.search(line) is not None
        if SERVER_ERROR.search(line):
            self._server_errors += 1
            self._example = self._example or line

    def tail(self, mark: str) -> LogTail:
        example = self._example.decode(errors="replace").strip()[:LONGEST_EXAMPLE]
        return LogTail(self._place, mark, self._lines, self._server_errors, self._errors, example)


def _count_added(path: Path, begun: str, counted: _Counted) -> str:
    """Count what was added; returns where the next look begins."""
    inode, offset = map(int, begun.split(":"))
    facts = path.stat()
    if facts.st_ino == inode and offset <= facts.st_size:
        return f"{inode}:{_count(path, offset, counted)}"
    rotated = path.with_name(f"{path.name}.1")
    with suppress(OSError):
        if rotated.stat().st_ino == inode:
            _count(rotated, offset, counted)
    return f"{facts.st_ino}:{_count(path, 0, counted)}"


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
