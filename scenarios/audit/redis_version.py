"""Redis 7 is what the service was built and tested with."""

from collections.abc import Iterator

from golive.api import Capability, Gate, Setting, every, scenario

OLDEST = 7


def is_new_enough(setting: Setting) -> str:
    """The first number of the version."""
    major = str(setting.value or "0").partition(".")[0]
    return "" if int(major) >= OLDEST else f"must be {OLDEST} or newer"


@scenario(
    needs=[Capability.REDIS],
    evidence=Setting,
    check=every(is_new_enough),
    remediation="Upgrade Redis to 7 or newer.",
)
def redis_version(gate: Gate) -> Iterator[Setting]:
    """The queue's Redis is of version 7 or newer."""
    yield gate.audit.queue.info("redis_version")
