"""A server that does nothing but answer: `python -m golive.adapters.load.bare`.

What it cannot do on this machine, no service can. It prints its port, and ends with its stdin.
"""

import asyncio
import sys

ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
LENGTH = b"content-length:"
END_OF_HEAD = b"\r\n\r\n"


class Bare(asyncio.Protocol):
    """Answers each request once its body is there."""

    def __init__(self) -> None:
        self._received = b""
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the way back."""
        if isinstance(transport, asyncio.Transport):
            self._transport = transport

    def data_received(self, data: bytes) -> None:
        """Answer what is whole."""
        self._received += data
        while (size := whole(self._received)) and self._transport is not None:
            self._received = self._received[size:]
            self._transport.write(ANSWER)


def whole(received: bytes) -> int:
    """The length of the first request, 0 where it is not all there yet."""
    head, end, rest = received.partition(END_OF_HEAD)
    if not end:
        return 0
    lines = head.lower().split(b"\r\n")
    length = sum(int(line.removeprefix(LENGTH)) for line in lines if line.startswith(LENGTH))
    return len(head) + len(end) + length if len(rest) >= length else 0


async def _serve() -> None:
    loop = asyncio.get_running_loop()
    server = await loop.create_server(Bare, "127.0.0.1", 0)
    sys.stdout.write(f"{server.sockets[0].getsockname()[1]}\n")
    sys.stdout.flush()
    async with server:
        await asyncio.to_thread(sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(_serve())
