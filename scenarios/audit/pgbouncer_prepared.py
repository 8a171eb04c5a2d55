"""A prepared statement stays in one session, and the next transaction gets another."""

from collections.abc import Iterator, Sequence

from golive.api import Capability, Gate, Ruling, Setting, Slo, failed, passed, scenario


def settled(seen: Sequence[Setting], _slo: Slo) -> Ruling:
    """Either side may settle it."""
    pooler, prepares = seen
    if pooler.left_out:
        return passed(f"pgbouncer is left out: {pooler.left_out}")
    if not prepares.value:
        return passed("the target file says that the service prepares no statements")
    if str(pooler.value or "0") == "0":
        return failed("the service prepares statements, and the pooler does not follow them")
    return passed(f"the pooler follows {pooler.value} of them")


@scenario(
    needs=[Capability.HTTP],
    requires=["audit.pgbouncer_config or target.left_out.pgbouncer"],
    evidence=Setting,
    check=settled,
    remediation="Set max_prepared_statements = 200, or turn them off in the driver and say so: "
    "audit.prepares_statements = false.",
)
def pgbouncer_prepared(gate: Gate) -> Iterator[Setting]:
    """Prepared statements work behind the pooler, or are not used."""
    yield gate.audit.files.pgbouncer("max_prepared_statements")
    yield Setting("target file", "prepares_statements", gate.target.audit.prepares_statements)
