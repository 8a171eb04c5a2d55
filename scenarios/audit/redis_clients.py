"""Who is refused a connection answers 503."""

from collections.abc import Iterator, Sequence

from golive.api import Capability, Gate, Ruling, Setting, Slo, failed, passed, scenario

MOST_SHARE = 0.8


def leaves_room(seen: Sequence[Setting], _slo: Slo) -> Ruling:
    """Connections against their limit."""
    connected, most, rejected = (int(str(one.value or 0)) for one in seen)
    if rejected or connected > MOST_SHARE * most:
        return failed(f"{connected} of {most} connections, {rejected} were refused")
    return passed(f"{connected} of {most} connections, none was refused", connections=connected)


@scenario(
    needs=[Capability.REDIS],
    evidence=Setting,
    check=leaves_room,
    remediation="Raise maxclients, or find who opens so many.",
)
def redis_clients(gate: Gate) -> Iterator[Setting]:
    """The queue's Redis has connections to spare and refused none."""
    yield gate.audit.queue.info("connected_clients")
    yield gate.audit.queue.info("maxclients")
    yield gate.audit.queue.info("rejected_connections")
