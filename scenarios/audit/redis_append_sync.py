"""Left to the kernel, half a minute of accepted notifications is lost at a power cut."""

from collections.abc import Iterator

from golive.api import Capability, Gate, Setting, every, one_of, scenario


@scenario(
    needs=[Capability.REDIS],
    evidence=Setting,
    check=every(one_of("always", "everysec")),
    remediation="Set appendfsync always, or everysec where a second may be lost.",
)
def redis_append_sync(gate: Gate) -> Iterator[Setting]:
    """The queue's Redis brings its log to the disk at least every second."""
    yield gate.audit.queue.config("appendfsync")
