"""A stolen password of the service must not empty or take over the cache."""

from collections.abc import Iterator

from golive.api import Capability, Gate, Setting, Who, every, refused, scenario


@scenario(
    needs=[Capability.REDIS],
    requires=["audit.env_file", "audit.cache_url_env"],
    evidence=Setting,
    check=every(refused),
    remediation="Take -flushall -shutdown -replicaof from the service's ACL user.",
)
def cache_service_rights(gate: Gate) -> Iterator[Setting]:
    """The service may not empty, end or take over the cache's Redis."""
    # Each has an argument that Redis refuses where the command is allowed: nothing is done.
    for command in ("FLUSHALL golive", "SHUTDOWN golive", "REPLICAOF golive golive"):
        yield gate.audit.cache.word(Who.SERVICE, *command.split())
