"""A cache without a limit ends like a queue without one."""

from collections.abc import Iterator

from golive.api import Capability, Gate, Setting, every, scenario


def fits_a_cache(setting: Setting) -> str:
    """A limit, and a policy that evicts."""
    if setting.name == "maxmemory":
        return "must be set" if str(setting.value or "0") == "0" else ""
    return "must evict" if setting.value == "noeviction" else ""


@scenario(
    needs=[Capability.REDIS],
    requires=["audit.cache_url_env"],
    evidence=Setting,
    check=every(fits_a_cache),
    remediation="Set maxmemory and maxmemory-policy allkeys-lru on the cache's Redis.",
)
def cache_limit(gate: Gate) -> Iterator[Setting]:
    """The cache's Redis has a limit of memory and forgets what is old."""
    yield gate.audit.cache.config("maxmemory")
    yield gate.audit.cache.config("maxmemory-policy")
