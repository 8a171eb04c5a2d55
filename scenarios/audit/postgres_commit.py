"""The service acknowledges on commit, so a commit must be on the disk."""

from collections.abc import Iterator

from golive.api import Capability, Gate, Setting, every, of_role, one_of, scenario


@scenario(
    needs=[Capability.SQL],
    evidence=Setting,
    check=every(one_of("on", "remote_write", "remote_apply")),
    remediation="Set synchronous_commit = on, for the server and for the service's role.",
)
def postgres_commit(gate: Gate) -> Iterator[Setting]:
    """A commit is answered once it is on the disk."""
    if gate.target.audit.database_role:
        yield of_role(gate, "synchronous_commit")
    else:
        yield gate.audit.database.setting("synchronous_commit")
