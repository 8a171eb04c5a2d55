"""Names of people are of every language."""

from collections.abc import Iterator

from golive.api import Capability, Gate, Setting, every, one_of, scenario


@scenario(
    needs=[Capability.SQL],
    evidence=Setting,
    check=every(one_of("UTF8")),
    remediation="Make the database anew with ENCODING 'UTF8'.",
)
def postgres_encoding(gate: Gate) -> Iterator[Setting]:
    """The database keeps text as UTF-8."""
    yield gate.audit.database.setting("server_encoding")
