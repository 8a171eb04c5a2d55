"""Who comes when all connections are taken is refused."""

from collections.abc import Iterator, Sequence

from golive.api import Capability, Gate, Ruling, Setting, Slo, failed, passed, scenario

FOR_PEOPLE = 5
POOL_UNSAID = 20


def fits(seen: Sequence[Setting], _slo: Slo) -> Ruling:
    """The sum of the pools against the limit."""
    if seen[2].left_out:
        return passed(f"pgbouncer is left out: {seen[2].left_out}")
    most, kept, pool, reserve = (_number(one) for one in seen)
    free = most - kept - FOR_PEOPLE
    wanted = pool + reserve
    told = f"the pooler may open {wanted}, {most} are allowed and {kept} kept for superusers"
    return passed(told, free=free - wanted) if wanted <= free else failed(told, free=free - wanted)


def _number(setting: Setting) -> int:
    unsaid = POOL_UNSAID if setting.name == "default_pool_size" else 0
    return int(str(setting.value or unsaid))


@scenario(
    needs=[Capability.SQL],
    requires=["audit.pgbouncer_config or target.left_out.pgbouncer"],
    evidence=Setting,
    check=fits,
    remediation="Raise max_connections, or make default_pool_size smaller.",
)
def postgres_connections(gate: Gate) -> Iterator[Setting]:
    """PostgreSQL has a connection for each that the pooler may open, and some for people."""
    yield gate.audit.database.setting("max_connections")
    yield gate.audit.database.setting("superuser_reserved_connections")
    yield gate.audit.files.pgbouncer("default_pool_size")
    yield gate.audit.files.pgbouncer("reserve_pool_size")
