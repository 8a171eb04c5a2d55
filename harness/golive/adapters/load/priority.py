"""Lets a generating process run before whatever else is on its machine, so that it sends when it is
due also where the target runs beside it. Lateness of its own says nothing about the target.
"""

import os
from contextlib import suppress
from pathlib import Path

NICENESS = -10
GROUP = Path("/proc/self/autogroup")
"""A session is scheduled as one (sched(7), "The autogroup feature"): the niceness of a process
counts inside it alone, against others that of its group does. Not every kernel has it.
"""


def go_first() -> bool:
    """Whether the process may: it needs root or CAP_SYS_NICE. Without, it goes on as it is, and
    what it sends late is counted as ever.
    """
    with suppress(OSError):
        os.setpriority(os.PRIO_PROCESS, 0, NICENESS)
        if GROUP.exists():
            GROUP.write_text(str(NICENESS))
        return True
    return False
