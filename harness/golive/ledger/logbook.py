"""The logbook of a checklist on disk: a line for each record, with the hash of the one before.

<folder>/logbook.ndjson   the records
<folder>/head.json        how many there are, and the hash of the last: what was cut off shows
<folder>/lock, running    held while a line is added, and while the list is being run
"""

import fcntl
import hashlib
import json
import os
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO, cast

from pydantic import TypeAdapter, ValidationError

from golive.errors import LedgerError
from golive.ledger import folder as layout
from golive.model.logbook import Logbook, Record

LOGBOOK = "logbook.ndjson"
HEAD = "head.json"

_RECORD = TypeAdapter(Record)
_UNSAFE = re.compile(r"[^\w.-]")


def whose(target: str, environment: str, base_url: str) -> str:
    """What a logbook is about. A name alone is not enough: what staging has shown under the same
    one proves nothing of production.
    """
    return f"{target} ({environment}, {base_url})"


def genesis(name: str, about: str) -> str:
    """What the first record follows: a logbook of another list or target does not fit here."""
    return _hash(f"golive checklist\n{name}\n{about}")


@dataclass(frozen=True)
class LogbookFolder:
    """Where the logbook of one list on one target lies; `about` is as `whose` says it."""

    path: Path
    name: str
    about: str

    @classmethod
    def of(cls, lists: Path, name: str, target: str, about: str) -> "LogbookFolder":
        """The place of a list's logbook among the others."""
        place = f"{name}-{_UNSAFE.sub('_', target)}-{_hash(about)[:8]}"
        return cls(lists / place, name, about)

    def read(self) -> Logbook:
        """The records, with the line from which on they must not be trusted where there is one."""
        head = _head(self.path / HEAD)  # first: a line may be added meanwhile
        text = read_text(self.path / LOGBOOK)
        whole = text[: text.rfind("\n") + 1]  # what is behind it was being written when it was cut
        return check(whole, genesis(self.name, self.about), head)

    def append(self, record: Record) -> None:
        """Add one record. Raises LedgerError where an earlier one was altered."""
        self._make()
        with _locked(self.path / "lock"):
            book = self.read()
            if book.damage:
                raise LedgerError(
                    f"{self.path / LOGBOOK}: {book.damage}",
                    remedy="Put the logbook back as it was, or begin anew in another --lists DIR.",
                )
            line, head = _line(record, len(book.records) + 1, book.head)
            self._write(line)
            self._end_at(len(book.records) + 1, head)

    @contextmanager
    def running(self, by: str) -> Iterator[None]:
        """While this is held nobody else runs the list; everybody may sign. Raises LedgerError."""
        self._make()
        with _opened(self.path / "running", "a+") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                file.seek(0)
                raise LedgerError(
                    f"{self.name} is being run on {self.about} by {file.read() or 'somebody'}",
                    remedy="Wait for it; `golive checklist status` and `sign` work meanwhile.",
                ) from None
            file.truncate(0)
            file.write(by)
            file.flush()
            yield

    def _make(self) -> None:
        try:
            self.path.mkdir(parents=True, exist_ok=True)  # several people: by their umask
        except OSError as error:
            raise layout.disk_error(self.path, error) from error
        with _locked(self.path / "lock"):
            if not (self.path / HEAD).exists() and not (self.path / LOGBOOK).exists():
                self._end_at(0, genesis(self.name, self.about))

    def _write(self, line: str) -> None:
        path = self.path / LOGBOOK
        try:
            with path.open("a+b") as file:
                file.seek(0)
                file.truncate(file.read().rfind(b"\n") + 1)
                file.write(f"{line}\n".encode())
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            raise layout.disk_error(path, error) from error

    def _end_at(self, records: int, head: str) -> None:
        content = {"records": records, "sha256": head}
        layout.write_whole(self.path / HEAD, json.dumps(content).encode())


def check(text: str, first: str, head: tuple[int, str] | None) -> Logbook:
    """The records of a text whose first line follows `first`, and whose end `head` knows."""
    records: list[Record] = []
    previous = first
    for number, line in enumerate(text.split("\n")[:-1], start=1):
        found = _record(line, number, previous)
        if isinstance(found, str):
            return Logbook(tuple(records), f"line {number} {found}", previous)
        records.append(found)
        previous = str(_document(line)["sha256"])
        if head and head[0] == number and head[1] != previous:
            return Logbook(tuple(records), f"line {number} is not the one it was", previous)
    if head and len(records) < head[0]:
        lost = f"line {len(records) + 1} and those behind it were removed: there were {head[0]}"
        return Logbook(tuple(records), lost, previous)
    if not head and records:
        return Logbook(tuple(records), f"line {len(records)}: {HEAD} is gone", previous)
    return Logbook(tuple(records), head=previous)


def read_text(path: Path) -> str:
    """The text of a file, empty where there is none. Raises LedgerError."""
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return ""
    except (OSError, UnicodeDecodeError) as error:
        raise LedgerError(f"{path} cannot be read: {error}") from error


def _record(line: str, number: int, previous: str) -> Record | str:
    """The record of a line, or what is wrong with it."""
    document = _document(line)
    stated = document.pop("sha256", None)
    if stated != _hash(_canonical(document)):
        return "was altered"
    if document.pop("number", None) != number or document.pop("previous", None) != previous:
        return "does not follow the one before: a line was removed, added or moved"
    try:
        return _RECORD.validate_python(document)
    except ValidationError:
        return "is no record"


def _document(line: str) -> dict[str, object]:
    try:
        document = json.loads(line)
    except ValueError:
        return {}
    return document if isinstance(document, dict) else {}


def _line(record: Record, number: int, previous: str) -> tuple[str, str]:
    """The line of a record, and its hash."""
    document = {
        "number": number,
        "previous": previous,
        **_RECORD.dump_python(record, mode="json"),
    }
    digest = _hash(_canonical(document))
    return json.dumps({**document, "sha256": digest}, ensure_ascii=False), digest


def _canonical(document: Mapping[str, object]) -> str:
    return json.dumps(document, sort_keys=True, ensure_ascii=False)


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _head(path: Path) -> tuple[int, str] | None:
    text = read_text(path)
    try:
        document = json.loads(text) if text else None
        return (int(document["records"]), str(document["sha256"])) if document else None
    except (ValueError, KeyError, TypeError):
        return None


@contextmanager
def _locked(path: Path) -> Iterator[TextIO]:
    """Wait until nobody else holds the file; the kernel lets go of it when its holder dies."""
    with _opened(path, "a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield file


def _opened(path: Path, mode: str) -> TextIO:
    try:
        return cast("TextIO", path.open(mode, encoding="utf-8"))
    except OSError as error:
        raise layout.disk_error(path, error) from error
