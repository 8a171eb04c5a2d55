"""Whoever reaches a Redis without a password owns its machine."""

from collections.abc import Iterator

from golive.api import Capability, Gate, Setting, Who, every, refused, scenario


@scenario(
    needs=[Capability.REDIS],
    evidence=Setting,
    check=every(refused),
    remediation="Give every user of the queue's Redis a password (requirepass, ACL).",
)
def redis_password(gate: Gate) -> Iterator[Setting]:
    """The queue's Redis answers nobody without a password."""
    yield gate.audit.queue.word(Who.STRANGER, "PING")
