"""The owner's side of a watchdog."""

import contextlib
import subprocess
import sys
from pathlib import Path

MODULE = "golive.adapters.faults.watchdog"
LOG = "watchdog.log"


class WatchdogTie:
    """A pipe that the watchdog of a journal reads: its end is our end."""

    def __init__(self, journal: Path) -> None:
        self._journal = journal
        self._process: subprocess.Popen[bytes] | None = None

    def fasten(self) -> None:
        """Have it watched, from the first fault on; somebody may have killed the watchdog."""
        if self._process is not None and self._process.poll() is None:
            return
        self._close()
        with (self._journal.parent / LOG).open("ab") as log:
            self._process = subprocess.Popen(
                # -P: nothing that lies in the folder is imported.
                [sys.executable, "-P", "-m", MODULE, str(self._journal)],
                cwd=self._journal.parent,
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
                # What ends us by a signal to the group must not end it as well.
                start_new_session=True,
            )

    def loosen(self) -> None:
        """We are done: it heals what we could not, and ends."""
        self._close()
        if self._process is None:
            return
        if self._journal.exists():
            # It goes on trying, and is nobody's child to wait for any more.
            self._process.returncode = 0
        else:
            self._process.wait()

    def _close(self) -> None:
        if self._process is not None and self._process.stdin is not None:
            with contextlib.suppress(BrokenPipeError):
                self._process.stdin.close()
