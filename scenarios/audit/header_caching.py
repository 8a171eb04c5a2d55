"""An answer kept by a proxy is given to somebody else."""

from collections.abc import Iterator

from golive.api import Capability, Gate, Setting, every, headers, scenario


def is_not_kept(setting: Setting) -> str:
    """Kept by nobody."""
    return "" if "no-store" in str(setting.value) else "must say no-store"


@scenario(
    needs=[Capability.HTTP],
    evidence=Setting,
    check=every(is_not_kept),
    remediation="Send Cache-Control: no-store with every answer.",
)
def header_caching(gate: Gate) -> Iterator[Setting]:
    """Answers are kept by no proxy."""
    yield from headers(gate, "cache-control")
