"""Names and accounts of people pass there."""

from collections.abc import Iterator

from golive.api import Capability, Gate, Setting, every, one_of, scenario

ASKED = """
    select ssl or coalesce(inet_server_addr() <<= '127.0.0.0/8'::inet, true)
    from pg_stat_ssl where pid = pg_backend_pid()
"""


@scenario(
    needs=[Capability.SQL],
    evidence=Setting,
    check=every(one_of("True")),
    remediation="Set ssl = on and sslmode=verify-full, or keep both on one machine.",
)
def postgres_transport(gate: Gate) -> Iterator[Setting]:
    """The way to the database is encrypted, or does not leave the machine."""
    yield gate.audit.database.value("encrypted or loopback", ASKED)
