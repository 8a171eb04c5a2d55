"""Logs tell who did what."""

from collections.abc import Iterator

from golive.api import Capability, Gate, Setting, every, one_of, scenario


@scenario(
    needs=[Capability.LOGS],
    requires=["observe.logs.files"],
    evidence=Setting,
    check=every(one_of("False")),
    remediation="chmod o-rwx the log files, or their folder.",
)
def logs_readers(gate: Gate) -> Iterator[Setting]:
    """Logs are not for every user of the machine."""
    yield from gate.audit.logs.readers()
