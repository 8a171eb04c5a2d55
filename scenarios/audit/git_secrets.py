"""What was committed once is known to everybody who has a clone."""

from collections.abc import Iterator

from golive.api import (
    LEAST_CHARACTERS,
    Capability,
    Gate,
    Setting,
    between,
    every,
    scenario,
    secrets_of,
)


@scenario(
    needs=[Capability.HTTP],
    requires=["audit.git_repository", "audit.env_file"],
    evidence=Setting,
    check=every(between(0, 0)),
    remediation="Make the secret anew; removing it from the history is not enough.",
)
def git_secrets(gate: Gate) -> Iterator[Setting]:
    """No secret that is deployed is in the source or its history."""
    secrets = secrets_of(gate, LEAST_CHARACTERS)
    words = {f"lines with {name}": value for name, value in secrets.items()}
    yield from gate.audit.repository.holding(words)
