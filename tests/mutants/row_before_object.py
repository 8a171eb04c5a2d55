"""Whether the bucket has the file is of no interest to the row."""

import asyncio
import hashlib
from contextlib import suppress

from _replacing import replace

from reference_app.http.problems import UnavailableError
from reference_app.transfer import STALL_S, StoredFile, Transfer

DEFECT = "An upload is recorded, queued and accepted although the bucket did not take its file."
CAUGHT_BY = "chaos.bucket_down"


def patch() -> None:
    """Hash what arrives instead of what is stored, and pass over the errors of the bucket."""
    init, write = Transfer.__init__, Transfer.write

    def begin(transfer: Transfer, *about: object) -> None:
        init(transfer, *about)
        transfer.arrived, transfer.arrived_bytes = hashlib.sha256(), 0

    async def optimistic(transfer: Transfer, chunk: bytes) -> None:
        transfer.arrived.update(chunk)
        transfer.arrived_bytes += len(chunk)
        with suppress(UnavailableError):
            await write(transfer, chunk)

    Transfer.__init__, Transfer.write = begin, optimistic
    replace(Transfer, "finish", _finish)


async def _finish(transfer: Transfer) -> StoredFile:
    transfer._chunks.put(b"")
    done, _ = await asyncio.wait({transfer._stored}, timeout=STALL_S)
    if not done:
        transfer.abort()
    return StoredFile(transfer.arrived.hexdigest(), transfer.arrived_bytes)
