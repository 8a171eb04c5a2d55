"""The console of the pooler can stop every query."""

from collections.abc import Iterator, Sequence

from golive.api import Capability, Gate, Ruling, Setting, Slo, failed, passed, scenario


def apart(seen: Sequence[Setting], _slo: Slo) -> Ruling:
    """The service's role is not among them."""
    administrators, role = seen
    if str(role.value) in str(administrators.value or "").replace(",", " ").split():
        return failed(f"{administrators}: must not hold {role.value}")
    return passed(f"{role.value} administers nothing")


@scenario(
    needs=[Capability.HTTP],
    requires=["audit.pgbouncer_config or target.left_out.pgbouncer", "audit.database_role"],
    evidence=Setting,
    check=apart,
    remediation="Leave admin_users empty, or name a person's user.",
)
def pgbouncer_administrators(gate: Gate) -> Iterator[Setting]:
    """The service's user does not administer the pooler."""
    yield gate.audit.files.pgbouncer("admin_users")
    yield Setting("target file", "database_role", gate.target.audit.database_role)
