"""Runs within the worker's container, by `python3 -c`, and acts on processes by their names.

`list NAMES…` prints name and state of each. `signal NUMBER NAMES…` signals one of them, chosen by
chance, and waits for its end. `freeze NAMES…` stops one and its descendants, `thaw NAMES…` all.
"""

import os
import random
import signal
import sys
import time
from pathlib import Path

END_SECONDS = 90.0
POLL_SECONDS = 0.02
Process = tuple[int, str, str, int]


def processes() -> list[Process]:
    """Pid, name, state and parent of everything that lives here."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            stat = (folder / "stat").read_text(errors="replace")
        except OSError:  # It has ended.
            continue
        name, _, rest = stat.partition("(")[2].rpartition(")")
        state, parent = rest.split()[:2]
        if state != "Z":
            found.append((int(folder.name), name, state, int(parent)))
    return found


def family(pid: int) -> list[int]:
    """A process and all below it."""
    below = [one[0] for one in processes() if one[3] == pid]
    return [pid, *(each for one in below for each in family(one))]


def send(pid: int, number: int) -> None:
    """Signal it, if it is still there."""
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return


def await_end(pid: int) -> int:
    """Wait until it is gone; 1 if it is not."""
    until = time.monotonic() + END_SECONDS
    while pid in {one[0] for one in processes()}:
        if time.monotonic() > until:
            return 1
        time.sleep(POLL_SECONDS)
    return 0


def main(verb: str, *words: str) -> int:
    """Do it."""
    names = words[1:] if verb == "signal" else words
    meant = [one for one in processes() if one[1] in names]
    if verb == "list":
        sys.stdout.writelines(f"{name} {state}\n" for _, name, state, _ in meant)
    elif verb == "thaw":
        for pid in [each for one in meant for each in family(one[0])]:
            send(pid, signal.SIGCONT)
    elif meant:
        pid = random.choice(meant)[0]  # noqa: S311 - no secret
        if verb == "freeze":
            for each in family(pid):
                send(each, signal.SIGSTOP)
        else:
            send(pid, int(words[0]))
            return await_end(pid)
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
