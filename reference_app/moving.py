"""How one file gets into the bucket: never over another object, and verified by reading it back."""

import hashlib
import os
from collections.abc import Callable
from typing import IO

import psycopg
from minio.error import S3Error

from reference_app.bucket import CHUNK_BYTES, Bucket
from reference_app.http.problems import UnavailableError
from reference_app.local_files import Kind, LocalFile, Outcome
from reference_app.uploads.file_types import format_of

MAX_KEY_BYTES = 1024
"""S3's limit."""
OTHER_MEDIA_TYPE = "application/octet-stream"


class Mover:
    """Moves files, one at a time."""

    def __init__(
        self,
        bucket: Bucket,
        rows: psycopg.Connection,
        prefix: str,
        check_stop: Callable[[], None],
    ) -> None:
        self._bucket, self._rows = bucket, rows
        self._prefix, self._check_stop = prefix, check_stop

    def look(self, file: LocalFile) -> Outcome:
        """What moving the file would come to."""
        return self._guarded(file, self._look)

    def move(self, file: LocalFile, *, delete: bool) -> Outcome:
        """Move the file; it is deleted only when asked for, verified and unchanged."""
        return self._guarded(file, self._move_and_delete if delete else self._move)

    def _guarded(self, file: LocalFile, work: Callable[[LocalFile, IO[bytes]], Outcome]) -> Outcome:
        self._check_stop()
        if file.skipped:
            return Outcome(Kind.SKIPPED, file.skipped)
        reason = _unfit(self._prefix + file.name)
        if reason:
            return Outcome(Kind.CONFLICT, reason)
        try:
            # A link put in its place since the survey must not be followed either.
            opened = os.open(file.path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
            with os.fdopen(opened, "rb") as content:
                return work(file, content)
        except UnavailableError as error:
            refused = isinstance(error.__cause__, S3Error)
            reason = "the bucket refused it" if refused else "the bucket is not available"
            return Outcome(Kind.FAILED, reason, bucket_away=not refused)
        except OSError as error:
            return Outcome(Kind.FAILED, error.strerror or type(error).__name__)

    def _look(self, file: LocalFile, content: IO[bytes]) -> Outcome:
        return self._judge(file, self._sha256(content))

    def _judge(self, file: LocalFile, digest: str) -> Outcome:
        key = self._prefix + file.name
        there = self._bucket.sha256_of(key)
        reason = self._conflict(key, digest, there)
        if reason:
            return Outcome(Kind.CONFLICT, reason)
        if there:
            return Outcome(Kind.ALREADY_THERE)
        return Outcome(Kind.WOULD_MOVE, size_bytes=file.size_bytes)

    def _move(self, file: LocalFile, content: IO[bytes]) -> Outcome:
        key = self._prefix + file.name
        digest, size_bytes = self._sha256(content), os.fstat(content.fileno()).st_size
        judged = self._judge(file, digest)
        if judged.kind is not Kind.WOULD_MOVE:
            return judged
        media = format_of(file.name)
        content.seek(0)
        self._bucket.put_stream(
            key,
            _Stoppable(content, self._check_stop),
            media.media_type if media else OTHER_MEDIA_TYPE,
            size_bytes=size_bytes,
            metadata={"sha256": digest},
        )
        if self._bucket.sha256_of(key) != digest:
            # Ours and half old, half new: out of the way of the next run.
            self._bucket.delete(key)
            return Outcome(Kind.FAILED, "the file changed while it was sent")
        return Outcome(Kind.MOVED, size_bytes=size_bytes)

    def _move_and_delete(self, file: LocalFile, content: IO[bytes]) -> Outcome:
        outcome = self._move(file, content)
        if outcome.kind not in {Kind.MOVED, Kind.ALREADY_THERE}:
            return outcome
        # What was written meanwhile is not in the bucket.
        if self._sha256(content) != self._bucket.sha256_of(self._prefix + file.name):
            return Outcome(Kind.CONFLICT, "the file has changed since")
        now, opened = file.path.lstat(), os.fstat(content.fileno())
        if (now.st_dev, now.st_ino) != (opened.st_dev, opened.st_ino):
            return Outcome(Kind.CONFLICT, "the file has been replaced since")
        file.path.unlink()
        return Outcome(outcome.kind, size_bytes=outcome.size_bytes, deleted=True)

    def _conflict(self, key: str, digest: str, there: str | None) -> str:
        row = self._rows.execute(
            "SELECT sha256 FROM uploads WHERE object_key = %s", (key,)
        ).fetchone()
        if row and row[0] != digest:
            return "the database knows other content under this name"
        if there not in {None, digest}:
            return "the bucket has other content under this name"
        return ""

    def _sha256(self, content: IO[bytes]) -> str:
        digest = hashlib.sha256()
        content.seek(0)
        while chunk := content.read(CHUNK_BYTES):
            self._check_stop()
            digest.update(chunk)
        return digest.hexdigest()


class _Stoppable:
    """A file being sent, until somebody wants the run to end: the bucket then drops its parts."""

    def __init__(self, content: IO[bytes], check_stop: Callable[[], None]) -> None:
        self._content, self._check_stop = content, check_stop

    def read(self, size: int) -> bytes:
        self._check_stop()
        return self._content.read(min(size, CHUNK_BYTES))


def _unfit(key: str) -> str:
    """Why a name cannot be a key; the same for every run, so the file is not tried again."""
    try:
        size_bytes = len(key.encode("utf-8"))
    except UnicodeEncodeError:
        return "its name is not UTF-8"
    if size_bytes > MAX_KEY_BYTES:
        return "its name is too long"
    if not key.isprintable() or "\\" in key:
        return "its name has characters that a key must not have"
    return ""
