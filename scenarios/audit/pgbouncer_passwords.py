"""Trust and plain let in whoever reaches the port, or show the password on the way."""

from collections.abc import Iterator

from golive.api import Capability, Gate, Setting, every, one_of, scenario


@scenario(
    needs=[Capability.HTTP],
    requires=["audit.pgbouncer_config or target.left_out.pgbouncer"],
    evidence=Setting,
    check=every(one_of("scram-sha-256", "cert", "hba")),
    remediation="Set auth_type = scram-sha-256.",
)
def pgbouncer_passwords(gate: Gate) -> Iterator[Setting]:
    """The pooler takes passwords by SCRAM, or certificates."""
    yield gate.audit.files.pgbouncer("auth_type")
