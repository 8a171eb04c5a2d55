"""Runs installers: their output is kept for the error, and long silence is broken."""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from golive.adapters.native.servers import minder
from golive.errors import ProvisioningError
from golive.model.deployment import Progress

STILL_AT_IT_SECONDS = 20
TAIL_LINES = 15


def run(
    what: str,
    arguments: Sequence[str | Path],
    environment: Mapping[str, str],
    progress: Progress,
) -> None:
    """Run a program to its end; `what` names the step in progress and in the error."""
    progress(what)
    begin = time.monotonic()
    with tempfile.TemporaryFile("w+", errors="replace") as output:
        with subprocess.Popen(
            [sys.executable, "-P", "-m", minder.__name__, str(os.getpid()), *map(str, arguments)],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=dict(environment),
            # Another user may have to read what is installed.
            umask=0o022,
            # Its minder passes on when we are interrupted, to the installer's own children too.
            start_new_session=True,
        ) as process:
            _await(process, what, begin, progress)
        if process.returncode != 0:
            output.seek(0)
            tail = "".join(f"  {line}" for line in output.readlines()[-TAIL_LINES:]).rstrip()
            raise ProvisioningError(f"{what} failed (exit {process.returncode}):\n{tail}")


def _await(process: subprocess.Popen[bytes], what: str, begin: float, progress: Progress) -> None:
    while True:
        try:
            process.wait(STILL_AT_IT_SECONDS)
        except subprocess.TimeoutExpired:
            progress(f"{what}: still at it after {time.monotonic() - begin:.0f} s")
        except BaseException:
            process.terminate()
            # Until it has ended, what it needs must stay as it is.
            process.wait()
            raise
        else:
            return
