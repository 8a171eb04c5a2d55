"""A transaction that was left open holds its locks and a connection of the pool."""

from collections.abc import Iterator

from golive.api import Capability, Gate, Setting, every, scenario

ASKED = """
    select coalesce(
        (select split_part(said, '=', 2) from pg_roles, unnest(rolconfig) said
         where rolname = :role and said like 'idle_in_transaction_session_timeout=%'),
        current_setting('idle_in_transaction_session_timeout'))
"""


def is_limited(setting: Setting) -> str:
    """Zero stands for no limit."""
    return "must be limited" if str(setting.value or "0") == "0" else ""


@scenario(
    needs=[Capability.SQL],
    requires=["audit.database_role"],
    evidence=Setting,
    check=every(is_limited),
    remediation="ALTER ROLE … SET idle_in_transaction_session_timeout = '60s'.",
)
def postgres_idle_limit(gate: Gate) -> Iterator[Setting]:
    """A transaction that the service leaves open is ended."""
    role = str(gate.target.audit.database_role)
    name = "idle_in_transaction_session_timeout of the service"
    yield gate.audit.database.value(name, ASKED, role=role)
