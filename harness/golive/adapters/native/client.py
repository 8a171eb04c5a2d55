"""The owner's side of a keeper: starts it, reads what it tells, lets it go or ends it."""

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import IO

from golive.adapters.native.owner import DETACH
from golive.adapters.native.state import Order, order_line
from golive.errors import DeploymentError
from golive.model.deployment import Progress

MODULE = "golive.adapters.native.keeper"
TAIL_LINES = 15


class KeeperClient:
    """A keeper that is tied to this process until `detach`."""

    def __init__(self, folder: Path, order: Order) -> None:
        # Lives as long as the keeper; closed with the pipes.
        self._errors: IO[str] = tempfile.TemporaryFile("w+", errors="replace")  # noqa: SIM115
        self._process = subprocess.Popen(
            [sys.executable, "-m", MODULE, str(folder)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            cwd=order.checkout,
            # A Ctrl-C at the terminal is for us; the keeper hears of it when the pipe closes.
            start_new_session=True,
        )
        self._write(order_line(order))

    def await_ready(self, progress: Progress) -> None:
        """Pass its progress on until it is ready; raise what it says went wrong."""
        assert self._process.stdout is not None  # noqa: S101 - it was asked for
        for line in self._process.stdout:
            words = json.loads(line)
            match words["event"]:
                case "ready":
                    return
                case "failed":
                    raise DeploymentError(words["message"], remedy=words["remedy"])
                case _:
                    progress(words["text"])
        raise DeploymentError(f"the keeper of the deployment ended\n{self._last_errors()}")

    def detach(self) -> None:
        """Let the deployment outlive this process."""
        self._write(DETACH + b"\n")
        self._close()
        # It is nobody's child to wait for any more.
        self._process.returncode = 0

    def end(self) -> None:
        """Have it stop everything and wait for that; does nothing when it has ended."""
        self._close()
        self._process.wait()
        self._errors.close()

    def _write(self, line: bytes) -> None:
        assert self._process.stdin is not None  # noqa: S101 - it was asked for
        try:
            self._process.stdin.write(line)
            self._process.stdin.flush()
        except BrokenPipeError:
            raise DeploymentError(
                f"the keeper of the deployment ended\n{self._last_errors()}"
            ) from None

    def _close(self) -> None:
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                pipe.close()

    def _last_errors(self) -> str:
        self._process.wait()
        self._errors.seek(0)
        return "".join(f"  | {line}" for line in self._errors.readlines()[-TAIL_LINES:]).rstrip()
