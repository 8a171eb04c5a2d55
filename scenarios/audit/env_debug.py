"""Debug shows queries and values to whoever makes an error happen."""

from collections.abc import Iterator

from golive.api import Capability, Gate, Setting, every, one_of, scenario


@scenario(
    needs=[Capability.HTTP],
    requires=["audit.env_file"],
    evidence=Setting,
    check=every(one_of("false", "0", "off", "no")),
    remediation="Set APP_DEBUG=false.",
)
def env_debug(gate: Gate) -> Iterator[Setting]:
    """Debug is off."""
    yield gate.audit.files.variable("APP_DEBUG")
