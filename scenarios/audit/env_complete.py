"""What is missing falls back to a default that nobody chose."""

from collections.abc import Iterator

from golive.api import Capability, Gate, Setting, every, scenario


def is_set(setting: Setting) -> str:
    """It may be empty: that, too, was chosen."""
    return "" if setting.value else "must be set"


@scenario(
    needs=[Capability.HTTP],
    requires=["audit.env_file", "audit.env_example"],
    evidence=Setting,
    check=every(is_set),
    remediation="Fill in what is named.",
)
def env_complete(gate: Gate) -> Iterator[Setting]:
    """The environment has every variable of its example."""
    deployed = gate.audit.files.environment()
    for name in gate.audit.files.example():
        yield Setting("environment", name, "set" if name in deployed else None)
