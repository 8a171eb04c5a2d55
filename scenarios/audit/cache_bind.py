"""The cache is for the nodes only."""

from collections.abc import Iterator

from golive.api import Capability, Gate, Setting, every, private, scenario


@scenario(
    needs=[Capability.REDIS],
    requires=["audit.cache_url_env"],
    evidence=Setting,
    check=every(private),
    remediation="Set bind to the private address.",
)
def cache_bind(gate: Gate) -> Iterator[Setting]:
    """The cache's Redis listens on loopback and private addresses only."""
    yield gate.audit.cache.config("bind")
