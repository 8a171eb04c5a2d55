"""At debug, values of people get into the log."""

from collections.abc import Iterator

from golive.api import Capability, Gate, Setting, every, one_of, scenario


@scenario(
    needs=[Capability.HTTP],
    requires=["audit.env_file"],
    evidence=Setting,
    check=every(one_of("info", "notice", "warning", "error")),
    remediation="Set LOG_LEVEL=info.",
)
def env_log_level(gate: Gate) -> Iterator[Setting]:
    """The service logs at info or above."""
    yield gate.audit.files.variable("LOG_LEVEL")
