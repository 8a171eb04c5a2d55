"""What the service may not do, a stolen password cannot do either."""

from collections.abc import Iterator

from golive.api import Capability, Gate, Setting, every, one_of, scenario

ASKED = """
    select coalesce(nullif(concat_ws(' ',
        case when rolsuper then 'superuser' end, case when rolcreaterole then 'createrole' end,
        case when rolcreatedb then 'createdb' end, case when rolreplication then 'replication' end,
        case when rolbypassrls then 'bypassrls' end), ''), 'none')
    from pg_roles where rolname = :role
"""


@scenario(
    needs=[Capability.SQL],
    requires=["audit.database_role"],
    evidence=Setting,
    check=every(one_of("none")),
    remediation="ALTER ROLE … NOSUPERUSER NOCREATEROLE NOCREATEDB NOREPLICATION NOBYPASSRLS.",
)
def postgres_service_role(gate: Gate) -> Iterator[Setting]:
    """The service's role is no superuser and makes no roles, databases or copies."""
    role = str(gate.target.audit.database_role)
    yield gate.audit.database.value(f"powers of {role}", ASKED, role=role)
