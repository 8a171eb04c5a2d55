"""Outlives a golive that is killed while something is broken, and heals it: `… JOURNAL`.

Its stdin is held by the owner of the journal. It ends with the owner; what the journal still names
then is what the owner could not heal any more.
"""

import os
import select
import signal
import sys
from pathlib import Path

TRYING_SECONDS = 60.0


def await_end_of_owner(journal: Path) -> None:
    """Wait until the owner has let go of the pipe or has ended. A child that it forked may hold
    the pipe for longer.
    """
    poll = select.poll()
    poll.register(sys.stdin.fileno(), select.POLLIN)
    owner = int(journal.name.partition("-")[0])
    if os.getppid() != owner:
        return
    try:
        poll.register(os.pidfd_open(owner), select.POLLIN)
    except ProcessLookupError:
        return
    poll.poll()


def main() -> int:
    """Wait, and heal if there is anything to heal."""
    for number in (signal.SIGINT, signal.SIGHUP, signal.SIGQUIT):
        signal.signal(number, signal.SIG_IGN)
    journal = Path(sys.argv[1])
    await_end_of_owner(journal)
    if not journal.exists():
        return 0
    # Late, because it is needed in the worst case only.
    from golive.adapters.faults.healing import heal_for

    return 0 if heal_for(journal, TRYING_SECONDS, _tell) else 1


def _tell(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
