"""An empty password is no password."""

from collections.abc import Iterator

from golive.api import Capability, Gate, Setting, every, one_of, scenario, secrets_of


@scenario(
    needs=[Capability.HTTP],
    requires=["audit.env_file"],
    evidence=Setting,
    check=every(one_of("filled in")),
    remediation="Fill in what is named.",
)
def env_empty_secrets(gate: Gate) -> Iterator[Setting]:
    """No secret is empty."""
    for name, value in secrets_of(gate).items():
        yield Setting("environment", name, "filled in" if value else "")
