"""One secret in two places is lost in both at once."""

from collections.abc import Iterator

from golive.api import Capability, Gate, Setting, every, one_of, scenario, secrets_of


@scenario(
    needs=[Capability.HTTP],
    requires=["audit.env_file"],
    evidence=Setting,
    check=every(one_of("of its own")),
    remediation="Make a secret of its own for each of what is named.",
)
def env_shared_secrets(gate: Gate) -> Iterator[Setting]:
    """No secret serves twice."""
    secrets = secrets_of(gate, least_characters=1)
    for name, value in secrets.items():
        twins = [one for one, other in secrets.items() if other == value and one != name]
        yield Setting("environment", name, f"as {twins[0]}" if twins else "of its own")
