"""Whether the bucket has the file is of no interest to the row."""

import asyncio
import hashlib
from contextlib import suppress

from reference_app.http.problems import UnavailableError
from reference_app.transfer import STALL_S, StoredFile, Transfer

DEFECT = "An upload is recorded, queued and accepted although the bucket did not take its file."
CAUGHT_BY = "chaos.bucket_down"


def patch() -> None:
    """Hash what arrives instead of what is stored, and pass over the errors of the bucket."""
    write = Transfer.write

    async def optimistic(transfer: Transfer, chunk: bytes) -> None:
        if not hasattr(transfer, "arrived"):
            transfer.arrived = []
        transfer.arrived.append(chunk)
        with suppress(UnavailableError):
            await write(transfer, chunk)

    Transfer.write, Transfer.finish = optimistic, _finish


async def _finish(transfer: Transfer) -> StoredFile:
    transfer._chunks.put(b"")
    done, _ = await asyncio.wait({transfer._stored}, timeout=STALL_S)
    if not done:
        transfer.abort()
    content = b"".join(transfer.arrived)
    return StoredFile(hashlib.sha256(content).hexdigest(), len(content))
