"""One Redis cannot both forget nothing and forget what is old."""

from collections.abc import Iterator, Sequence

from golive.api import Capability, Gate, Ruling, Setting, Slo, failed, passed, scenario


def two_addresses(seen: Sequence[Setting], _slo: Slo) -> Ruling:
    """Not only two numbers of a database."""
    queue, cache = seen
    if missing := [one.name for one in seen if "None" in str(one.value)]:
        return failed(f"{missing[0]}_HOST or {missing[0]}_PORT is not set", missing=len(missing))
    if queue.value == cache.value:
        return failed(f"queue and cache are both at {queue.value}")
    return passed(f"queue {queue.value}, cache {cache.value}")


@scenario(
    needs=[Capability.HTTP],
    requires=["audit.env_file"],
    evidence=Setting,
    check=two_addresses,
    remediation="Give REDIS_CACHE_HOST and REDIS_CACHE_PORT another server than REDIS_HOST and "
    "REDIS_PORT.",
)
def env_two_redis(gate: Gate) -> Iterator[Setting]:
    """The service is told of two Redis."""
    for prefix in ("REDIS", "REDIS_CACHE"):
        host = gate.audit.files.variable(f"{prefix}_HOST").value
        port = gate.audit.files.variable(f"{prefix}_PORT").value
        yield Setting("environment", prefix, f"{host}:{port}")
