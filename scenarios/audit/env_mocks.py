"""A mock pays nobody, and says that it has."""

from collections.abc import Iterator

from golive.api import Capability, Gate, Setting, every, one_of, scenario


@scenario(
    needs=[Capability.HTTP],
    requires=["audit.env_file"],
    evidence=Setting,
    check=every(one_of("false", "0", "off", "no", "none")),
    remediation="Remove every MOCK, FAKE and SIMULATE variable, or set it to false.",
)
def env_mocks(gate: Gate) -> Iterator[Setting]:
    """No mock stands in for the gateway."""
    found = {
        name: value
        for name, value in gate.audit.files.environment().items()
        if any(word in name.upper() for word in ("MOCK", "FAKE", "SIMULAT", "DRY_RUN"))
    }
    for name, value in found.items():
        yield Setting("environment", name, value)
    if not found:
        yield Setting("environment", "mocks", "none")
