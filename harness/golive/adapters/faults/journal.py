"""What is broken at the moment and what heals it, written down before it is broken.

One file for each process that breaks something, gone when nothing is broken: whoever finds a file
whose owner is dead heals what it names.
"""

import contextlib
import fcntl
import itertools
import os
import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Lock
from typing import Annotated

from pydantic import Field, TypeAdapter, ValidationError

from golive.adapters.faults.commands import CommandCure, ProcessCure
from golive.adapters.faults.toxiproxy import ProxyCure, ToxicCure
from golive.adapters.native.credentials import write_private
from golive.adapters.native.processes import Identity
from golive.errors import ConfigurationError

Cure = Annotated[ToxicCure | ProxyCure | ProcessCure | CommandCure, Field(discriminator="kind")]


@dataclass(frozen=True)
class Entry:
    """Something broken: what heals it, and the command that breaks it while that runs."""

    cure: Cure
    blow: Identity | None = None


@dataclass(frozen=True)
class Broken:
    """The content of a journal."""

    owner: Identity
    entries: Mapping[str, Entry]


_BROKEN = TypeAdapter(Broken)


class Journal:
    """The journal of this process. All threads may write."""

    def __init__(self, folder: Path) -> None:
        owner = Identity.of(os.getpid())
        assert owner is not None  # noqa: S101 - we are alive
        self.path = folder / f"{os.getpid()}-{secrets.token_hex(4)}.json"
        self._owner = owner
        self._entries: dict[str, Entry] = {}
        self._numbers = itertools.count(1)
        self._lock = Lock()

    def mark(self) -> str:
        """A name that only this process gives, and only once."""
        return f"golive-{self.path.stem}-{next(self._numbers)}"

    def note(self, name: str, cure: Cure) -> None:
        """Write down what heals, before it is broken."""
        with self._lock:
            self._entries[name] = Entry(cure)
            self._save()

    def note_blow(self, name: str, pid: int) -> None:
        """Write down which command breaks it: until that has ended, healing may come too early."""
        with self._lock:
            self._entries[name] = replace(self._entries[name], blow=Identity.of(pid))
            self._save()

    def strike(self, name: str) -> None:
        """It is healed, and that is proven."""
        with self._lock:
            self._entries.pop(name, None)
            self._save()

    def left(self) -> Mapping[str, Entry]:
        """What is not healed."""
        with self._lock:
            return dict(self._entries)

    def _save(self) -> None:
        save(self.path, Broken(self._owner, self._entries))


def save(path: Path, broken: Broken) -> None:
    """Replace a journal in one step; one that names nothing is removed."""
    try:
        if not broken.entries:
            path.unlink(missing_ok=True)
            return
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        write_private(path, _BROKEN.dump_json(broken, indent=2).decode())
    except OSError as error:
        raise ConfigurationError(
            f"{path} cannot be written, and nothing is broken without a note of it: "
            f"{error.strerror or error}",
            remedy="Make room there, or let XDG_STATE_HOME name a folder of yours.",
        ) from error


def read(path: Path) -> Broken | None:
    """What a journal says, None where it is gone or is none."""
    try:
        return _BROKEN.validate_json(path.read_bytes())
    except (OSError, ValidationError):
        return None


@contextlib.contextmanager
def sole_healer(path: Path) -> Iterator[bool]:
    """Whether nobody else heals this journal at the moment; nobody will during the block."""
    lock = path.with_suffix(".lock")
    try:
        with lock.open("w") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                yield False
                return
            yield True
    finally:
        if not path.exists():
            lock.unlink(missing_ok=True)
