"""Somebody holds a lock on the table of notifications and forgets about it.

`python -m …postgres_locks FOLDER` is that somebody: it ends when PostgreSQL ends its session.
"""

import select
import subprocess
import sys
from pathlib import Path

from golive.adapters.native.control import postgres
from golive.adapters.native.control.commands import Command
from golive.adapters.native.control.deployed import Deployed, await_true
from golive.errors import DeploymentError

MODULE = "golive.adapters.native.control.commands.postgres_locks"
TABLE = "webhook_events"
APPLICATION = "golive_locks"
OURS = "from pg_stat_activity where application_name = %s"


def hold(deployed: Deployed) -> None:
    """Take the lock, say so, keep it until the session is ended."""
    with postgres.connect(deployed, APPLICATION) as session:
        session.execute("set lock_timeout = '20s'")
        session.execute("begin")
        session.execute(f"lock table {TABLE} in access exclusive mode")
        sys.stdout.write("locked\n")
        sys.stdout.flush()
        select.select([session.fileno()], [], [])


def _begin(deployed: Deployed) -> None:
    if _sessions(deployed):
        return
    # It outlives us, and holds nothing open that whoever called us waits for.
    holder = subprocess.Popen(
        [sys.executable, "-P", "-m", MODULE, str(deployed.folder)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    assert holder.stdout is not None  # noqa: S101 - it was asked for
    with holder.stdout:
        if not holder.stdout.readline():
            raise DeploymentError(f"{TABLE} could not be locked")
    # It is nobody's child to wait for any more.
    holder.returncode = 0


def _end(deployed: Deployed) -> None:
    await_true(lambda: postgres.serves(deployed), "PostgreSQL takes writes")
    with postgres.connect(deployed) as session:
        session.execute(f"select pg_terminate_backend(pid) {OURS}", [APPLICATION])
    await_true(lambda: _sessions(deployed) == 0, "the lock is gone")


def _sessions(deployed: Deployed) -> int:
    with postgres.connect(deployed) as session:
        row = session.execute(f"select count(*) {OURS}", [APPLICATION]).fetchone()
    return int(row[0]) if row else 0


COMMAND = Command(f"the table {TABLE}", _begin, _end)

if __name__ == "__main__":
    hold(Deployed(Path(sys.argv[1])))
