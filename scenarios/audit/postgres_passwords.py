"""MD5 hashes are as good as the passwords themselves."""

from collections.abc import Iterator

from golive.api import Capability, Gate, Setting, every, one_of, scenario


@scenario(
    needs=[Capability.SQL],
    evidence=Setting,
    check=every(one_of("scram-sha-256")),
    remediation="Set password_encryption = 'scram-sha-256' and set every password anew.",
)
def postgres_passwords(gate: Gate) -> Iterator[Setting]:
    """Passwords are kept as SCRAM hashes."""
    yield gate.audit.database.setting("password_encryption")
