"""The owner's side of a keeper: starts it, reads what it tells, lets it go or ends it."""

import contextlib
import json
import select
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import IO

from golive.adapters.native.owner import DETACH, END
from golive.adapters.native.state import Order, order_line
from golive.errors import DeploymentError
from golive.model.deployment import Progress

MODULE = "golive.adapters.native.keeper"
TAIL_LINES = 15
HEARD_SECONDS = 15.0


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
            # Nothing that it told waits in a buffer of ours while we wait for the pipe.
            bufsize=0,
            cwd=order.checkout,
            # A Ctrl-C at the terminal is for us; the keeper hears of it from us.
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
        raise self._ended()

    def detach(self) -> None:
        """Let the deployment outlive this process, once the keeper says that it has heard."""
        self._write(DETACH + b"\n")
        self._await_detached()
        self._close()
        self._errors.close()
        # It is nobody's child to wait for any more.
        self._process.returncode = 0

    def end(self) -> None:
        """Have it stop everything and wait for that; does nothing when it has ended."""
        stdin = self._process.stdin
        if stdin is not None and not stdin.closed:
            # Closing alone is not seen while a child of ours holds the pipe as well.
            with contextlib.suppress(BrokenPipeError):
                stdin.write(END + b"\n")
        self._close()
        self._process.wait()
        self._errors.close()

    def _await_detached(self) -> None:
        stdout = self._process.stdout
        assert stdout is not None  # noqa: S101 - it was asked for
        deadline = time.monotonic() + HEARD_SECONDS
        while select.select([stdout], [], [], max(0.0, deadline - time.monotonic()))[0]:
            line = stdout.readline()
            if not line:
                raise self._ended()
            if json.loads(line)["event"] == "detached":
                return
        raise DeploymentError(
            f"the keeper of the deployment (pid {self._process.pid}) did not answer within "
            f"{HEARD_SECONDS:.0f} s",
        )

    def _write(self, line: bytes) -> None:
        assert self._process.stdin is not None  # noqa: S101 - it was asked for
        try:
            self._process.stdin.write(line)
            self._process.stdin.flush()
        except BrokenPipeError:
            raise self._ended() from None

    def _close(self) -> None:
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                pipe.close()

    def _ended(self) -> DeploymentError:
        self._process.wait()
        self._errors.seek(0)
        last = "".join(f"  | {line}" for line in self._errors.readlines()[-TAIL_LINES:]).rstrip()
        return DeploymentError(f"the keeper of the deployment ended\n{last}")
