"""One Redis cannot both forget nothing and forget what is old."""

from collections.abc import Iterator, Sequence

from golive.api import Capability, Gate, Ruling, Setting, Slo, failed, passed, scenario


def two_servers(seen: Sequence[Setting], _slo: Slo) -> Ruling:
    """A server's run id is its own."""
    queue, cache = (one.value for one in seen)
    if queue == cache:
        return failed("both addresses are one server")
    return passed("two servers, each with a run id of its own")


@scenario(
    needs=[Capability.REDIS],
    requires=["audit.cache_url_env"],
    evidence=Setting,
    check=two_servers,
    remediation="Start a second Redis for the cache; another database number is not enough.",
)
def redis_apart(gate: Gate) -> Iterator[Setting]:
    """The queue and the cache are two servers."""
    yield gate.audit.queue.info("run_id")
    yield gate.audit.cache.info("run_id")
