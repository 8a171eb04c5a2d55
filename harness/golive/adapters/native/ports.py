"""Free loopback ports, reserved so that two deployments on one machine never meet.

Ports are given out in blocks. A block belongs to whoever holds the lock on its file; the kernel
lets go of the lock when the holder dies, however it dies.
"""

import fcntl
import os
import socket
from pathlib import Path

from golive.errors import DeploymentError

# Below the range that the kernel takes ephemeral ports from.
FIRST_PORT = 20000
BLOCK_SIZE = 40
BLOCK_COUNT = 300
LOOPBACK = "127.0.0.1"


class PortBlock:
    """A block of ports that is ours until `release` or the end of the process."""

    def __init__(self, first: int, lock: int) -> None:
        self.first = first
        self._lock = lock
        self._unused = iter(range(first, first + BLOCK_SIZE))

    def take(self) -> int:
        """The next port of the block that nobody listens on."""
        for port in self._unused:
            if is_free(port):
                return port
        raise DeploymentError(
            f"no free port between {self.first} and {self.first + BLOCK_SIZE - 1}",
            remedy="Some other program listens on them: see `ss -ltnp`.",
        )

    def release(self) -> None:
        """Let others have the block."""
        os.close(self._lock)


def reserve(folder: Path, *, start: int = 0) -> PortBlock:
    """Reserve a block that no other deployment holds, searching from block number `start`."""
    _make_shared(folder)
    for number in range(BLOCK_COUNT):
        first = FIRST_PORT + (start + number) % BLOCK_COUNT * BLOCK_SIZE
        lock = _lock(folder / str(first))
        if lock is not None:
            return PortBlock(first, lock)
    raise DeploymentError(
        f"all {BLOCK_COUNT} blocks of ports are reserved in {folder}",
        remedy="`golive ps` shows what runs; `golive down` ends it.",
    )


def is_free(port: int) -> bool:
    """Whether a server could listen on the port now."""
    with socket.socket() as probe:
        # As servers do: connections of the past that the kernel still remembers do not count.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
            probe.listen(1)
        except OSError:
            return False
    return True


def _make_shared(folder: Path) -> None:
    try:
        folder.mkdir()
    except FileExistsError:
        return
    # Every user of the machine reserves here; sticky, so that nobody removes another's file.
    folder.chmod(0o1777)


def _lock(path: Path) -> int | None:
    descriptor = _open(path)
    if descriptor is None:
        return None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        return None
    return descriptor


def _open(path: Path) -> int | None:
    """Open for locking only: reading suffices, so another user's file will do."""
    flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC
    for extra in (0, os.O_CREAT | os.O_EXCL, 0):
        try:
            descriptor = os.open(path, flags | extra, 0o644)
            if extra:
                # Whatever our umask is, other users must be able to lock it.
                os.fchmod(descriptor, 0o644)
        except (FileNotFoundError, FileExistsError):
            continue
        except OSError:
            return None
        else:
            return descriptor
    return None
