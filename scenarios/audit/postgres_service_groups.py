"""Members of these groups read and write the server's own files."""

from collections.abc import Iterator

from golive.api import Capability, Gate, Setting, every, one_of, scenario

ASKED = """
    select coalesce(string_agg(g.rolname, ' '), 'none')
    from pg_auth_members m join pg_roles r on r.oid = m.member join pg_roles g on g.oid = m.roleid
    where r.rolname = :role and g.rolname like 'pg\\_%'
"""


@scenario(
    needs=[Capability.SQL],
    requires=["audit.database_role"],
    evidence=Setting,
    check=every(one_of("none")),
    remediation="REVOKE pg_execute_server_program and the like FROM the service's role.",
)
def postgres_service_groups(gate: Gate) -> Iterator[Setting]:
    """The service's role is in none of the server's own groups."""
    role = str(gate.target.audit.database_role)
    yield gate.audit.database.value(f"groups of {role}", ASKED, role=role)
