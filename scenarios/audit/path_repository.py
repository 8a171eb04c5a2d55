"""The history holds what was removed for good reasons."""

from collections.abc import Iterator

from golive.api import Capability, Gate, Setting, every, hidden, scenario, statuses

PATHS = (
    "/.git/config",
    "/.git/HEAD",
    "/.svn/entries",
    "/.hg/hgrc",
)


@scenario(
    needs=[Capability.HTTP],
    evidence=Setting,
    check=every(hidden),
    remediation="Deploy without .git, and deny names that begin with a dot.",
)
def path_repository(gate: Gate) -> Iterator[Setting]:
    """Nobody gets the repository through the balancer."""
    yield from statuses(gate, PATHS)
