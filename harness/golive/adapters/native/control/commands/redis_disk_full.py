"""The queue's Redis cannot write its log of appends any further.

With `appendfsync always` it ends then rather than acknowledge what is not on the disk, and ends
again at the first write after each start.
"""

from golive.adapters.native.control import redis_queue
from golive.adapters.native.control.commands import Command
from golive.adapters.native.control.deployed import Deployed, await_true
from golive.adapters.native.restraints import can_limit


def _begin(deployed: Deployed) -> None:
    folder = deployed.folder / "data" / redis_queue.ROLE
    sizes_bytes = [one.stat().st_size for one in folder.rglob("*.aof")]
    deployed.limit(redis_queue.ROLE, max(sizes_bytes, default=0))


def _end(deployed: Deployed) -> None:
    await_true(lambda: _mended(deployed), "the queue's Redis answers")


def _mended(deployed: Deployed) -> bool:
    answers = redis_queue.answers(deployed)
    # After that, for the one that answers: it may have been started just before the limit went.
    deployed.lift(redis_queue.ROLE)
    return answers


COMMAND = Command("the disk under the queue's Redis", _begin, _end, can_limit)
