"""Starts the keeper of a command and waits for it, or for one that a killed golive had started."""

import fcntl
import json
import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from golive.errors import LedgerError

SHOWN_CHARACTERS = 300


@dataclass(frozen=True)
class CommandEnd:
    """How a command ended: its exit code, in words, and the end of its output."""

    code: int
    words: str
    tail: str


def start_command(
    words: Sequence[str], folder: Path, timeout_seconds: float
) -> subprocess.Popen[bytes]:
    """Start a command whose traces lie in a new folder; returns its keeper, to be waited for.

    The keeper inherits the lock on the folder: while it lives, the lock is held.
    """
    try:
        folder.mkdir(parents=True, mode=0o700)
        lock = os.open(folder / "lock", os.O_CREAT | os.O_RDWR, 0o600)
    except OSError as error:
        raise LedgerError(f"{folder} cannot be made: {error.strerror}") from error
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        program = [sys.executable, "-m", "golive.adapters.command"]
        return subprocess.Popen(
            [*program, str(folder), str(timeout_seconds), *words],
            env=_environment(),
            stdin=subprocess.DEVNULL,
            pass_fds=(lock,),
            start_new_session=True,
        )
    finally:
        os.close(lock)


def await_command(folder: Path, redact: Callable[[str], str]) -> CommandEnd | None:
    """Wait for the end of a command, None where it never began or its keeper died with it.

    Secrets are taken out of its output, which stays in the folder.
    """
    try:
        with (folder / "lock").open("r+b") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
        end = json.loads((folder / "end.json").read_bytes())
        output = folder / "output.txt"
        text = redact(output.read_text("utf-8", errors="replace"))
        output.write_text(text, "utf-8")
    except (OSError, ValueError):
        return None
    return CommandEnd(int(end["code"]), str(end["words"]), text.strip()[-SHOWN_CHARACTERS:])


def _environment() -> dict[str, str]:
    """Ours, in which `golive` and `python` are those that run now."""
    beside = str(Path(sys.executable).parent)
    return {**os.environ, "PATH": f"{beside}{os.pathsep}{os.environ.get('PATH', os.defpath)}"}
