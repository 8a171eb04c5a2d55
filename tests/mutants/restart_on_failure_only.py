"""A process that leaves without an error is left alone."""

import math
import os

from _replacing import replace

from reference_app.queueing.supervisor import Supervisor

DEFECT = "The supervisor starts a worker again only after a non-zero exit, and some leave with 0."
CAUGHT_BY = "chaos.rolling_restart"


def patch() -> None:
    """Look at the exit code."""
    replace(Supervisor, "_reap", _reap)


def _reap(supervisor: Supervisor) -> None:
    for child in supervisor.children:
        pid, status = os.waitpid(child.pid, os.WNOHANG) if child.pid else (0, 0)
        if pid:
            ordered = child.told_to_stop
            supervisor._note_death(child)
            if status == 0 and not ordered:
                child.start_due = math.inf
