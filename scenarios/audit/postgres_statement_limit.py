"""A query that never ends holds its locks and its connection for ever."""

from collections.abc import Iterator

from golive.api import Capability, Gate, Setting, every, scenario

ASKED = """
    select coalesce(
        (select split_part(said, '=', 2) from pg_roles, unnest(rolconfig) said
         where rolname = :role and said like 'statement_timeout=%'),
        current_setting('statement_timeout'))
"""


def is_limited(setting: Setting) -> str:
    """Zero stands for no limit."""
    return "must be limited" if str(setting.value or "0") == "0" else ""


@scenario(
    needs=[Capability.SQL],
    requires=["audit.database_role"],
    evidence=Setting,
    check=every(is_limited),
    remediation="ALTER ROLE … SET statement_timeout = '60s'.",
)
def postgres_statement_limit(gate: Gate) -> Iterator[Setting]:
    """A statement of the service is ended when it takes too long."""
    role = str(gate.target.audit.database_role)
    name = "statement_timeout of the service"
    yield gate.audit.database.value(name, ASKED, role=role)
