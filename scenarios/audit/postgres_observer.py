"""A gate that can write is a fault waiting to happen."""

from collections.abc import Iterator

from golive.api import Capability, Gate, Setting, between, every, scenario

ASKED = """
    select count(*) from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where c.relkind in ('r', 'p')
    and n.nspname not like 'pg\\_%' and n.nspname <> 'information_schema'
    and has_table_privilege(c.oid, 'insert, update, delete, truncate')
"""


@scenario(
    needs=[Capability.SQL],
    evidence=Setting,
    check=every(between(0, 0)),
    remediation="GRANT pg_read_all_data to the observer, and nothing else.",
)
def postgres_observer(gate: Gate) -> Iterator[Setting]:
    """The observer cannot write to the database."""
    yield gate.audit.database.value("tables that the observer may change", ASKED)
