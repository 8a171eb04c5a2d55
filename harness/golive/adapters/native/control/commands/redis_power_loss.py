"""The power of the queue's Redis goes at the end: what it acknowledged must be on the disk."""

from golive.adapters.native.control import redis_queue
from golive.adapters.native.control.commands import Command
from golive.adapters.native.control.deployed import Deployed
from golive.adapters.native.control.power import Powered, is_possible


def _powered(deployed: Deployed) -> Powered:
    data = deployed.folder / "data" / redis_queue.ROLE / "appendonlydir"
    return Powered(deployed, redis_queue.ROLE, data)


COMMAND = Command(
    "the disk of the queue's Redis, whose power is cut at the end",
    lambda deployed: _powered(deployed).move_to_disk(),
    lambda deployed: _powered(deployed).cut(),
    is_possible,
)
