"""Whoever may make functions there can have others call them."""

from collections.abc import Iterator

from golive.api import Capability, Gate, Setting, every, one_of, scenario

ASKED = """
    select exists (
        select from pg_namespace, aclexplode(nspacl) granted
        where nspname = 'public' and granted.grantee = 0 and granted.privilege_type = 'CREATE')
"""


@scenario(
    needs=[Capability.SQL],
    evidence=Setting,
    check=every(one_of("False")),
    remediation="REVOKE CREATE ON SCHEMA public FROM PUBLIC.",
)
def postgres_public_schema(gate: Gate) -> Iterator[Setting]:
    """Not everybody may create things in the schema public."""
    yield gate.audit.database.value("everybody may create in public", ASKED)
