"""The last line of defence where somebody takes the password away."""

from collections.abc import Iterator

from golive.api import Capability, Gate, Setting, every, one_of, scenario


@scenario(
    needs=[Capability.REDIS],
    evidence=Setting,
    check=every(one_of("yes")),
    remediation="Set protected-mode yes.",
)
def redis_protected_mode(gate: Gate) -> Iterator[Setting]:
    """The queue's Redis is in protected mode."""
    yield gate.audit.queue.config("protected-mode")
