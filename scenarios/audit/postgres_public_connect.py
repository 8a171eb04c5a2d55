"""Each role of the server comes into the database of every service otherwise."""

from collections.abc import Iterator

from golive.api import Capability, Gate, Setting, every, one_of, scenario

ASKED = """
    select exists (
        select from pg_database, aclexplode(coalesce(datacl, acldefault('d', datdba))) granted
        where datname = current_database() and granted.grantee = 0)
"""


@scenario(
    needs=[Capability.SQL],
    evidence=Setting,
    check=every(one_of("False")),
    remediation="REVOKE ALL ON DATABASE … FROM PUBLIC, and grant CONNECT by name.",
)
def postgres_public_connect(gate: Gate) -> Iterator[Setting]:
    """Not everybody who has a role may enter the service's database."""
    yield gate.audit.database.value("everybody may connect", ASKED)
