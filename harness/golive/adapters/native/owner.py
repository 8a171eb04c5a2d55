"""The keeper's side of the tie to whoever started it: words from them, and their end."""

import asyncio
import os
import sys
from collections.abc import Callable

DETACH = b"detach"
END = b"end"


class Owner:
    """Whoever holds the other end of our stdin. Until they say `detach`, their end is ours too;
    `end` is for when they want to live on, but a child of theirs holds the pipe open.

    They are told that it was heard, and live until then: of a word and an end that come together,
    the end might be seen first.
    """

    def __init__(self, gone: Callable[[], None], heard: Callable[[], None]) -> None:
        self._gone = gone
        self._heard = heard
        self._detached = False
        # Also when a child of theirs has inherited the pipe, so that it stays open.
        self._descriptor = os.pidfd_open(os.getppid())
        self._reader = asyncio.StreamReader()

    async def order(self) -> bytes:
        """Their first line."""
        loop = asyncio.get_running_loop()
        await loop.connect_read_pipe(
            lambda: asyncio.StreamReaderProtocol(self._reader), sys.stdin.buffer
        )
        return await self._reader.readline()

    async def listen(self) -> None:
        """Wait for `detach` or for their end."""
        loop = asyncio.get_running_loop()
        loop.add_reader(self._descriptor, self._ended)
        while line := await self._reader.readline():
            word = line.strip()
            if word == DETACH:
                self._detached = True
                self._heard()
            elif word == END:
                self._gone()
        self._ended()

    def _ended(self) -> None:
        asyncio.get_running_loop().remove_reader(self._descriptor)
        if not self._detached:
            self._gone()
