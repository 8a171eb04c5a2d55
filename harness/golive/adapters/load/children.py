"""Starts processes of golive's own, and ends them whatever happens."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import IO, Any

from golive.adapters.load.order import LOOPBACK

ENGINE = "golive.adapters.load.engine"
BARE = "golive.adapters.load.bare"
END_SECONDS = 5.0

Child = subprocess.Popen[bytes]


@contextmanager
def child(module: str, **streams: Any) -> Iterator[Child]:
    """A Python process of golive's own, which is ended with the block."""
    process = subprocess.Popen(
        [sys.executable, "-m", module],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        bufsize=0,
        # Ctrl-C is golive's to deal with: it ends them when it has read what they measured.
        start_new_session=True,
        **streams,
    )
    try:
        yield process
    finally:
        _end(process)


@contextmanager
def bare_server() -> Iterator[str]:
    """Address of a server that does nothing but answer."""
    with child(BARE) as process:
        port = pipe(process.stdout).readline().decode().strip()
        yield f"http://{LOOPBACK}:{port}/"


def pipe(stream: IO[bytes] | None) -> IO[bytes]:
    """A stream that is there: children are started with both."""
    if stream is None:
        raise OSError("the process has no such stream")
    return stream


def _end(process: Child) -> None:
    for stream in (process.stdin, process.stdout):
        if stream is not None:
            with suppress(OSError):
                stream.close()
    try:
        process.wait(END_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
