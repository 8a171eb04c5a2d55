"""A key that never goes fills the queue's memory; one kept too short lets a repeat through."""

from collections.abc import Iterator, Sequence

from golive.api import (
    Capability,
    Gate,
    Ruling,
    Setting,
    Slo,
    failed,
    inconclusive,
    passed,
    scenario,
)

SHORTEST = 0.9
"""Of what is promised, a new key has at least so much before it."""


def all_expire(seen: Sequence[Setting], _slo: Slo) -> Ruling:
    """No key for ever, none beyond the hours that the target file says, and the newest not much
    below them.
    """
    keys, forever, longest, hours = (float(str(one.value)) for one in seen)
    if not keys:
        return inconclusive(
            "no key fits the pattern of the target file, right after a notification"
        )
    if forever:
        return failed(f"{forever:g} of {keys:g} keys never expire", keys=keys)
    if longest > hours * 3600:
        return failed(f"a key lives {longest:g} s, which is more than {hours:g} h", keys=keys)
    if longest < SHORTEST * hours * 3600:
        return failed(
            f"a key that is new lives {longest:g} s, which is less than {hours:g} h", keys=keys
        )
    return passed(f"{keys:g} keys, the longest lives {longest:g} s more", keys=keys)


@scenario(
    needs=[Capability.REDIS],
    requires=["audit.idempotency_keys"],
    evidence=Setting,
    check=all_expire,
    remediation="Set the key and its expiry in one command: SET key value NX EX seconds.",
)
def redis_idempotency_keys(gate: Gate) -> Iterator[Setting]:
    """Every idempotency key that is there expires, as long after as is promised."""
    if gate.target.webhook is not None:
        gate.webhook.send(gate.webhook.sample())
    yield from gate.audit.queue.lifetimes(str(gate.target.audit.idempotency_keys))
    yield Setting("target file", "idempotency_hours", gate.target.audit.idempotency_hours)
