"""Logs in a file of the node are lost with the node."""

from collections.abc import Iterator

from golive.api import Capability, Gate, Setting, every, one_of, scenario


@scenario(
    needs=[Capability.HTTP],
    requires=["audit.env_file"],
    evidence=Setting,
    check=every(one_of("stderr")),
    remediation="Set LOG_CHANNEL=stderr.",
)
def env_log_channel(gate: Gate) -> Iterator[Setting]:
    """The service logs to stderr."""
    yield gate.audit.files.variable("LOG_CHANNEL")
