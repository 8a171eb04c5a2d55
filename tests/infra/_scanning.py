"""Prints which ports answer: `python _scanning.py WITHIN_SECONDS ADDRESS:FIRST-LAST …`."""

import asyncio
import sys

AT_ONCE = 8000


async def answers(address: str, port: int, within: float, turn: asyncio.Semaphore) -> str | None:
    """Whether somebody takes a connection there."""
    async with turn:
        try:
            async with asyncio.timeout(within):
                _, writer = await asyncio.open_connection(address, port)
        except (OSError, TimeoutError):
            return None
    writer.close()
    return f"{address}:{port}"


async def main() -> None:
    """Try them all."""
    within, *ranges = sys.argv[1:]
    turn = asyncio.Semaphore(AT_ONCE)
    tries = []
    for one in ranges:
        address, _, ports = one.partition(":")
        first, _, last = ports.partition("-")
        numbers = range(int(first), int(last or first) + 1)
        tries += [answers(address, port, float(within), turn) for port in numbers]
    found = await asyncio.gather(*tries)
    sys.stdout.writelines(f"{one}\n" for one in found if one)


asyncio.run(main())
