"""What the target used while a load lasted, against the limits that the target file sets."""

from collections.abc import Iterator, Sequence
from itertools import pairwise

from golive.model.load.records import CONNECTIONS, CPU, REDIS, Loaded, number
from golive.model.slo import Slo

BYTES_IN_MB = 1_000_000


def used(loaded: Loaded, slo: Slo) -> Iterator[tuple[str, float | None, float]]:
    """Of everything that has a limit: what it is, the most that was seen (None = it was not), and
    the limit.
    """
    limits = {
        "processors of the API": (slo.processors, CPU),
        "MB in Redis": (slo.redis_mb, REDIS),
        "connections to Postgres": (slo.postgres_connections, CONNECTIONS),
    }
    for what, (limit, name) in limits.items():
        if limit is not None:
            rows = [row for row in loaded.resources if row[0] == name]
            yield what, _most(name, [(number(at), number(size)) for _, at, size in rows]), limit


def _most(name: str, looks: Sequence[tuple[float, float]]) -> float | None:
    if name == CPU:
        # It only grows; what counts is by how much a second. A restart is a gap.
        rates = [
            (after - before) / (later - earlier)
            for (earlier, before), (later, after) in pairwise(looks)
            if later > earlier and after >= before
        ]
        return max(rates, default=None)
    most = max((size for _, size in looks), default=None)
    return most / BYTES_IN_MB if most is not None and name == REDIS else most
