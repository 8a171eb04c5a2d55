"""A line without time, process and user helps nobody in the night."""

from collections.abc import Iterator

from golive.api import Capability, Gate, Setting, every, scenario


def says_who(setting: Setting) -> str:
    """One escape for each of the three."""
    said = str(setting.value or "")
    lacking = [name for name, escapes in WANTED.items() if not any(one in said for one in escapes)]
    return f"must name {', '.join(lacking)}" if lacking else ""


WANTED = {"the time": ("%m", "%t", "%n"), "the process": ("%p", "%c"), "the user": ("%u",)}


@scenario(
    needs=[Capability.SQL],
    evidence=Setting,
    check=every(says_who),
    remediation="Set log_line_prefix = '%m [%p] %u@%d '.",
)
def postgres_log_prefix(gate: Gate) -> Iterator[Setting]:
    """Each line of the database's log says when, which process and who."""
    yield gate.audit.database.setting("log_line_prefix")
