"""The pool is what the database was sized for."""

from collections.abc import Iterator

from golive.api import Capability, Gate, Setting, between, every, scenario


@scenario(
    needs=[Capability.HTTP],
    requires=["audit.pgbouncer_config or target.left_out.pgbouncer"],
    evidence=Setting,
    check=every(between(25, 25)),
    remediation="Set default_pool_size = 25.",
)
def pgbouncer_pool(gate: Gate) -> Iterator[Setting]:
    """The pooler keeps pools of 25 connections."""
    yield gate.audit.files.pgbouncer("default_pool_size")
