"""A unique index that could not be built guards nothing."""

from collections.abc import Iterator

from golive.api import Capability, Gate, Setting, between, every, scenario

ASKED = "select count(*) from pg_index where not indisvalid"


@scenario(
    needs=[Capability.SQL],
    evidence=Setting,
    check=every(between(0, 0)),
    remediation="REINDEX INDEX CONCURRENTLY what is named; first remove the doubles that a unique "
    "one found.",
)
def postgres_indexes(gate: Gate) -> Iterator[Setting]:
    """Every index is valid."""
    yield gate.audit.database.value("indexes that are not valid", ASKED)
