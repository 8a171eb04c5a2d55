"""Runs an installer that ends when golive does: `python -m … PARENT_PID PROGRAM ARGUMENT…`.

The kernel tells nobody but its direct child that golive has died. This is that child. It leads a
session, so that it can interrupt the installer with everything below it, as Ctrl-C would.
"""

import os
import signal
import subprocess
import sys
from types import FrameType

from golive.adapters.native.guard import CANNOT_RUN, die_with_parent

INTERRUPTED = 130


def main(arguments: list[str]) -> int:
    """Run the program and return how it ended, as a shell would."""
    parent_pid, program = int(arguments[0]), arguments[1:]
    # A handler of ours, because what is ignored stays so in the program.
    signal.signal(signal.SIGINT, _stay)
    signal.signal(signal.SIGTERM, _interrupt_all)
    die_with_parent(signal.SIGTERM)
    if os.getppid() != parent_pid:
        return INTERRUPTED
    try:
        code = subprocess.Popen(program).wait()
    except OSError as problem:
        sys.stderr.write(f"cannot run {program[0]}: {problem}\n")
        return CANNOT_RUN
    # Some of what it started may not care for Ctrl-C.
    signal.signal(signal.SIGTERM, _stay)
    os.killpg(0, signal.SIGTERM)
    return code if code >= 0 else 128 - code


def _stay(_signal: int, _frame: FrameType | None) -> None:
    """Live on: what all in the session are told is for the others."""


def _interrupt_all(_signal: int, _frame: FrameType | None) -> None:
    os.killpg(0, signal.SIGINT)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
