"""The power of the queue's Redis goes at the end: what it acknowledged must be on the disk."""

import subprocess
from pathlib import Path

from golive.adapters.native.control import redis_queue
from golive.adapters.native.control.commands import Command
from golive.adapters.native.control.deployed import Deployed
from golive.adapters.native.control.power import Powered, is_possible
from golive.adapters.native.servers.finding import find
from golive.adapters.native.servers.known import REDIS
from golive.adapters.native.servers.wanted import Found
from golive.errors import DeploymentError

REPAIR_SECONDS = 60


def _begin(deployed: Deployed) -> None:
    if list(_home(deployed).glob("*.aof")):
        raise DeploymentError("a Redis before 7 has no folder of its own for what it appends")
    _powered(deployed).move_to_disk()


def _end(deployed: Deployed) -> None:
    _powered(deployed).cut()


def _powered(deployed: Deployed) -> Powered:
    return Powered(deployed, redis_queue.ROLE, _home(deployed) / "appendonlydir", _repair)


def _home(deployed: Deployed) -> Path:
    return deployed.folder / "data" / redis_queue.ROLE


def _repair(data: Path) -> None:
    """What was not written to the disk may have left garbage at the end, with which Redis refuses
    to start. It is cut off, as an administrator would.
    """
    program = find(REDIS)
    for manifest in data.glob("*.manifest"):
        if isinstance(program, Found):
            # The server is the tool as well, under that name.
            subprocess.run(
                ["redis-check-aof", "--fix", manifest],
                executable=program.path,
                input=b"y\n",
                capture_output=True,
                timeout=REPAIR_SECONDS,
                check=False,
            )


COMMAND = Command(
    "the disk of the queue's Redis, whose power is cut at the end", _begin, _end, is_possible
)
