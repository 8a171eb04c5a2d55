"""Every user of the machine reads it otherwise."""

from collections.abc import Iterator

from golive.api import Capability, Gate, Setting, every, one_of, scenario


@scenario(
    needs=[Capability.HTTP],
    requires=["audit.env_file"],
    evidence=Setting,
    check=every(one_of("600", "400")),
    remediation="chmod 600 the environment file.",
)
def env_mode(gate: Gate) -> Iterator[Setting]:
    """Only its owner can read the environment file."""
    yield gate.audit.files.mode("env_file")
