"""Streams into files and out of them, encrypted where there is a key."""

import os
import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import pyrage

from infra.backup.manifest import CHUNK_BYTES
from infra.backup.settings import BackupError, Settings

SUFFIX = ".age"


def name_of(plain: str, *, encrypted: bool) -> str:
    """The name of a file."""
    return f"{plain}{SUFFIX}" if encrypted else plain


def store(source: IO[bytes], file: Path, settings: Settings) -> None:
    """Write all that the source gives."""
    with file.open("xb") as target:
        if settings.recipient:
            pyrage.encrypt_io(source, target, [_recipient(settings.recipient)])
        else:
            shutil.copyfileobj(source, target, CHUNK_BYTES)


def load(file: Path, target: IO[bytes], settings: Settings) -> None:
    """Read all that a file holds."""
    with file.open("rb") as source:
        if file.suffix == SUFFIX:
            try:
                pyrage.decrypt_io(source, target, [_identity(settings)])
            except pyrage.DecryptError as error:
                raise BackupError(f"{file.name} cannot be decrypted: {error}") from None
        else:
            shutil.copyfileobj(source, target, CHUNK_BYTES)


@contextmanager
def piped(write: Callable[[IO[bytes]], None]) -> Iterator[IO[bytes]]:
    """What a function writes, to be read meanwhile; what it raises is raised at the end."""
    read_end, write_end = os.pipe()
    failures: list[Exception] = []

    def work() -> None:
        try:
            with os.fdopen(write_end, "wb") as target:
                write(target)
        # Whatever it is belongs to whoever reads.
        except Exception as error:  # noqa: BLE001
            failures.append(error)

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    try:
        with os.fdopen(read_end, "rb") as source:
            yield source
            # To the end, so that the writer ends.
            shutil.copyfileobj(source, _Nowhere(), CHUNK_BYTES)
    except Exception as error:
        thread.join()
        # That it was not read to its end is the reader's failure, anything else the writer's.
        if failures and not isinstance(failures[0], BrokenPipeError):
            raise failures[0] from error
        raise
    thread.join()
    if failures:
        raise failures[0]


class _Nowhere:
    def write(self, content: bytes) -> int:
        return len(content)


def _recipient(text: str) -> pyrage.x25519.Recipient:
    try:
        return pyrage.x25519.Recipient.from_str(text)
    except pyrage.RecipientError as error:
        raise BackupError(f"BACKUP_RECIPIENT is no age recipient (age1…): {error}") from None


def _identity(settings: Settings) -> pyrage.x25519.Identity:
    file = settings.identity_file
    if file is None:
        raise BackupError(
            "the backup is encrypted: BACKUP_IDENTITY_FILE must name the age identity"
        )
    try:
        lines = file.read_text().splitlines()
        return pyrage.x25519.Identity.from_str(
            next(one for one in lines if not one.startswith("#"))
        )
    except (OSError, StopIteration, pyrage.IdentityError) as error:
        raise BackupError(f"{file} holds no age identity: {type(error).__name__}") from None
