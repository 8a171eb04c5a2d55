"""A file on its way into the bucket: written by the event loop, read by the thread that stores it.

Between the two is a short pipe. When it is full, the event loop waits without blocking and so does
the caller's socket: memory stays the same whatever the size of the file.
"""

import asyncio
import hashlib
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from queue import Empty, SimpleQueue

import structlog

from reference_app.bucket import Bucket, Threads
from reference_app.http.problems import UnavailableError

PIPE_BYTES = 1024 * 1024
STALL_S = 10.0
"""How long the bucket may take nothing, or keep its last word to itself."""
PATIENCE_S = 600.0
"""How long the thread waits for the event loop: longer than any caller may be silent."""

log = structlog.get_logger("bucket")


class TransferAbortedError(Exception):
    """The file is not wanted any more."""


@dataclass(frozen=True)
class StoredFile:
    """What has been stored."""

    sha256: str
    size_bytes: int


class Transfer:
    """One file on its way; starts at once. Ends with `finish` or `abort`, `discard` undoes it."""

    def __init__(self, bucket: Bucket, threads: Threads, key: str, media_type: str) -> None:
        self._bucket, self._threads, self._key = bucket, threads, key
        self._loop = asyncio.get_running_loop()
        self._chunks: SimpleQueue[bytes] = SimpleQueue()
        self._room = asyncio.Event()
        self._waiting_bytes = 0
        self._aborted = False
        self._rest, self._ended = b"", False
        self._digest, self._size_bytes = hashlib.sha256(), 0
        self._stored = threads.start(partial(self._store, media_type))
        self._stored.add_done_callback(self._has_ended)

    async def write(self, chunk: bytes) -> None:
        """Hand over the next bytes, once there is room; UnavailableError if there never is."""
        try:
            async with asyncio.timeout(STALL_S):
                while self._waiting_bytes >= PIPE_BYTES and not self._stored.done():
                    self._room.clear()
                    await self._room.wait()
        except TimeoutError:
            raise UnavailableError("bucket") from None
        if self._stored.done():
            self._stored.result()
        if chunk:
            self._waiting_bytes += len(chunk)
            self._chunks.put(chunk)

    async def finish(self) -> StoredFile:
        """There is no more: wait until the object is complete."""
        self._chunks.put(b"")
        await asyncio.wait({self._stored}, timeout=STALL_S)
        if not self._stored.done():
            self.abort()
            raise UnavailableError("bucket")
        self._stored.result()
        return StoredFile(self._digest.hexdigest(), self._size_bytes)

    def abort(self) -> None:
        """Store nothing; harmless when it has ended."""
        self._aborted = True
        self._chunks.put(b"")

    def discard(self) -> None:
        """Remove the object that has been stored."""
        self._threads.start(self._remove)

    def read(self, size: int) -> bytes:
        """The next bytes, exactly as many as asked for until the end; called by the thread."""
        taken = bytearray()
        while len(taken) < size and not self._ended:
            self._rest = self._rest or self._next_chunk()
            part = self._rest[: size - len(taken)]
            self._rest = self._rest[len(part) :]
            taken += part
        self._digest.update(taken)
        self._size_bytes += len(taken)
        return bytes(taken)

    def _next_chunk(self) -> bytes:
        try:
            chunk = self._chunks.get(timeout=PATIENCE_S)
        except Empty:
            raise TransferAbortedError from None
        if self._aborted:
            raise TransferAbortedError
        self._ended = not chunk
        self._loop.call_soon_threadsafe(self._took, len(chunk))
        return chunk

    def _took(self, size_bytes: int) -> None:
        self._waiting_bytes -= size_bytes
        self._room.set()

    def _store(self, media_type: str) -> None:
        try:
            self._bucket.put_stream(self._key, self, media_type)
        except TransferAbortedError:
            raise
        except Exception:
            # It may be only the answer that was lost, after the object was made.
            self._remove()
            raise

    def _has_ended(self, stored: asyncio.Future[None]) -> None:
        self._room.set()
        failed = stored.cancelled() or stored.exception()
        if self._aborted and not failed:
            self.discard()

    def _remove(self) -> None:
        with suppress(UnavailableError):
            self._bucket.delete(self._key)
            return
        log.warning("object_left_behind", object_key=self._key)
