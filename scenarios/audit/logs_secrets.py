"""Logs are read by more people and programs than secrets are."""

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
    needs=[Capability.LOGS],
    requires=["audit.env_file"],
    evidence=Setting,
    check=every(between(0, 0)),
    remediation="Mask it where it is logged, and make it anew.",
)
def logs_secrets(gate: Gate) -> Iterator[Setting]:
    """No secret that is deployed is in the logs."""
    secrets = secrets_of(gate, LEAST_CHARACTERS)
    words = {f"{name} in the logs": value for name, value in secrets.items()}
    yield from gate.audit.logs.holding(words)
