"""Sessions and throttles are in the cache."""

from collections.abc import Iterator

from golive.api import Capability, Gate, Setting, Who, every, refused, scenario


@scenario(
    needs=[Capability.REDIS],
    requires=["audit.cache_url_env"],
    evidence=Setting,
    check=every(refused),
    remediation="Give every user of the cache's Redis a password.",
)
def cache_password(gate: Gate) -> Iterator[Setting]:
    """The cache's Redis answers nobody without a password."""
    yield gate.audit.cache.word(Who.STRANGER, "PING")
