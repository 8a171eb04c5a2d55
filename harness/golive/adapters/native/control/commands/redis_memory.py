"""The queue's Redis has next to no memory left: it refuses writes, since it must not forget."""

from golive.adapters.native.control import redis_queue
from golive.adapters.native.control.commands import Command
from golive.adapters.native.control.deployed import Deployed, await_true

# A hundred jobs or two.
LEFT_BYTES = 256 * 1024
SETTING = "maxmemory"


def _begin(deployed: Deployed) -> None:
    with redis_queue.connect(deployed) as redis:
        used_bytes = int(redis.info("memory")["used_memory"])
        redis.config_set(SETTING, used_bytes + LEFT_BYTES)


def _end(deployed: Deployed) -> None:
    await_true(lambda: redis_queue.answers(deployed), "the queue's Redis answers")
    with redis_queue.connect(deployed) as redis:
        redis.config_set(SETTING, _configured(deployed))


def _configured(deployed: Deployed) -> str:
    file = deployed.folder / "data" / redis_queue.ROLE / "redis.conf"
    lines = (line.split() for line in file.read_text().splitlines())
    return next(words[1] for words in lines if words[:1] == [SETTING])


COMMAND = Command("the memory limit of the queue's Redis", _begin, _end)
