"""A page torn by a power cut can only be mended from a full copy."""

from collections.abc import Iterator

from golive.api import Capability, Gate, Setting, every, one_of, scenario


@scenario(
    needs=[Capability.SQL],
    evidence=Setting,
    check=every(one_of("on")),
    remediation="Set full_page_writes = on.",
)
def postgres_full_pages(gate: Gate) -> Iterator[Setting]:
    """PostgreSQL survives pages that were torn by a power cut."""
    yield gate.audit.database.setting("full_page_writes")
