"""The files of a folder that are to be moved, and what became of them."""

import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

HOPELESS_FAILURES = 3


class StopRequestedError(Exception):
    """Somebody wants the run to end."""


@dataclass(frozen=True)
class LocalFile:
    """A file as found."""

    path: Path
    name: str
    """Relative to the folder, with slashes."""
    size_bytes: int = 0
    skipped: str = ""
    """Why it is left alone."""


class Kind(Enum):
    """What became of a file."""

    MOVED = "moved"
    WOULD_MOVE = "would move"
    ALREADY_THERE = "already there"
    CONFLICT = "conflict"
    FAILED = "failed"
    SKIPPED = "skipped"


@dataclass(frozen=True)
class Outcome:
    """What became of one file, and why."""

    kind: Kind
    reason: str = ""
    size_bytes: int = 0
    deleted: bool = False
    bucket_away: bool = False


@dataclass
class Summary:
    """What became of all files."""

    moved: int = 0
    already_there: int = 0
    conflicts: int = 0
    failed: int = 0
    skipped: int = 0
    deleted: int = 0
    bytes_moved: int = 0
    stopped: bool = False
    failures_in_a_row: int = 0

    @property
    def is_hopeless(self) -> bool:
        """Whether so much failed in a row that going on makes no sense."""
        return self.failures_in_a_row >= HOPELESS_FAILURES

    def add(self, outcome: Outcome) -> None:
        """Count one file."""
        counters = {
            Kind.MOVED: "moved",
            Kind.WOULD_MOVE: "moved",
            Kind.ALREADY_THERE: "already_there",
            Kind.CONFLICT: "conflicts",
            Kind.FAILED: "failed",
            Kind.SKIPPED: "skipped",
        }
        counter = counters[outcome.kind]
        setattr(self, counter, getattr(self, counter) + 1)
        self.deleted += outcome.deleted
        self.bytes_moved += outcome.size_bytes if counter == "moved" else 0
        self.failures_in_a_row = self.failures_in_a_row + 1 if outcome.bucket_away else 0


def survey(folder: Path) -> list[LocalFile]:
    """Every file below the folder, in order. Links are not followed: they may lead out of it."""
    if not folder.is_dir():
        raise NotADirectoryError(f"{folder} is no folder")
    return list(_files(folder))


def _files(folder: Path) -> Iterator[LocalFile]:
    for directory, folders, names in os.walk(folder, onerror=_raise):
        folders.sort()
        links = [name for name in folders if (Path(directory) / name).is_symlink()]
        for name in sorted([*names, *links]):
            yield _local_file(Path(directory) / name, folder)


def _local_file(path: Path, folder: Path) -> LocalFile:
    name = path.relative_to(folder).as_posix()
    state = path.lstat()
    if stat.S_ISLNK(state.st_mode):
        return LocalFile(path, name, skipped="is a link")
    if not stat.S_ISREG(state.st_mode):
        return LocalFile(path, name, skipped="is no file")
    return LocalFile(path, name, state.st_size)


def _raise(error: OSError) -> None:
    # A folder that cannot be listed would be silently left out.
    raise error
