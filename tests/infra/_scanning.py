"""Prints which ports answer: `python _scanning.py WITHIN_SECONDS ADDRESS:FIRST-LAST …`.

Sockets by hand: the time that an answer has begins when all of a batch have asked, so that a busy
machine misses none.
"""

import select
import socket
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack

AT_ONCE = 4000
Door = tuple[str, int]


def doors(ranges: list[str]) -> Iterator[Door]:
    """Every address and port of these ranges."""
    for one in ranges:
        address, _, ports = one.partition(":")
        first, _, last = ports.partition("-")
        yield from ((address, port) for port in range(int(first), int(last or first) + 1))


def open_of(batch: list[Door], within: float) -> Iterator[Door]:
    """Those that take a connection."""
    with ExitStack() as held:
        asked: dict[int, tuple[Door, socket.socket]] = {}
        poll = select.poll()
        for door in batch:
            asking = held.enter_context(socket.socket())
            asking.setblocking(False)
            asking.connect_ex(door)
            asked[asking.fileno()] = door, asking
            poll.register(asking, select.POLLOUT)
        until = time.monotonic() + within
        while asked and (left := until - time.monotonic()) > 0:
            for number, _ in poll.poll(left * 1000):
                door, asking = asked.pop(number)
                poll.unregister(number)
                if asking.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR) == 0:
                    yield door


def main() -> None:
    """Try them all."""
    within, *ranges = sys.argv[1:]
    wanted = list(doors(ranges))
    for first in range(0, len(wanted), AT_ONCE):
        for address, port in open_of(wanted[first : first + AT_ONCE], float(within)):
            sys.stdout.write(f"{address}:{port}\n")


main()
