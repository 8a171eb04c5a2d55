"""What the tests of infra/ share beside fixtures."""

import contextlib
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import psutil

ROOT = Path(__file__).parents[2]


def until(holds: Callable[[], object], what: str, seconds: float = 30.0) -> None:
    """Wait until something holds, or fail with what it was."""
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, f"not within {seconds} s: {what}"
        time.sleep(0.03)


def end(process: "subprocess.Popen[bytes]") -> None:
    """End a process and everything below it."""
    with contextlib.suppress(psutil.NoSuchProcess):
        family = [
            psutil.Process(process.pid),
            *psutil.Process(process.pid).children(recursive=True),
        ]
        for one in family:
            with contextlib.suppress(psutil.NoSuchProcess):
                one.kill()
    process.wait()
