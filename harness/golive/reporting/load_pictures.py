"""The pictures of a load: latency, throughput, queue and what the target used, over time."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import pairwise

from golive.model.facts import Row
from golive.model.history.records import revived
from golive.model.load.records import ALL, CPU, FELT, STOLEN, Loaded, Measured, Second
from golive.model.slo import Slo
from golive.model.view import Picture
from golive.reporting.drawing import Limit, Series, Times, distribution, over_time
from golive.reporting.latencies import Latencies

BYTES_IN_MB = 1_000_000
PER_CENT = 100.0


def pictures_of(loaded: Loaded, slo: Slo) -> Iterator[Picture]:
    """Everything that was measured, as far as it was."""
    times = _times(loaded)
    seconds = revived(Second, loaded.seconds)
    limits = (Limit("p95 limit", slo.p95_ms), Limit("p99 limit", slo.p99_ms))
    if seconds:
        yield _latency(seconds, times, limits)
        yield from _distribution(loaded, limits)
        yield _throughput(seconds, times)
        yield from _not_given(seconds, times)
    yield from _queue(loaded, slo, times)
    yield from _used(loaded, times)


def _times(loaded: Loaded) -> Times:
    """How long it was, and its stages by their numbers: `2 hold 50/s` is 2."""
    stages = [one for one in revived(Measured, loaded.stages) if one.stage != ALL]
    ends = [one.began_seconds + one.seconds for one in stages]
    parts = [(one.began_seconds, one.seconds, one.stage.partition(" ")[0]) for one in stages]
    return Times(max(ends, default=1.0), tuple(parts))


def _latency(seconds: Sequence[Second], times: Times, limits: tuple[Limit, ...]) -> Picture:
    return over_time(
        "Latency of each second, from when requests were due",
        [
            Series(
                part, [(_middle(one), getattr(one, f"felt_{part}_ms") or None) for one in seconds]
            )
            for part in ("p50", "p95", "p99")
        ],
        times,
        unit="ms",
        limits=limits,
        large=True,
        may_be_logarithmic=True,
    )


def _distribution(loaded: Loaded, limits: tuple[Limit, ...]) -> Iterator[Picture]:
    texts = [str(text) for stage, timed, text in loaded.histograms if (stage, timed) == (ALL, FELT)]
    if texts and (bins := Latencies(texts[0]).bins()):
        yield distribution("Requests by latency", bins, unit="ms", limits=limits)


def _throughput(seconds: Sequence[Second], times: Times) -> Picture:
    return over_time(
        "Requests a second",
        [
            Series("asked", [(_middle(one), float(one.scheduled)) for one in seconds]),
            Series(
                "answered well", [(_middle(one), float(one.sent - one.failed)) for one in seconds]
            ),
        ],
        times,
    )


def _not_given(seconds: Sequence[Second], times: Times) -> Iterator[Picture]:
    """What was dropped, late or failed, where anything was."""
    names = ("dropped", "late", "failed")
    series = [
        Series(name, [(_middle(one), float(getattr(one, name))) for one in seconds])
        for name in names
    ]
    if any(value for one in series for value in one.values):
        yield over_time("Dropped, late and failed requests a second", series, times)


def _queue(loaded: Loaded, slo: Slo, times: Times) -> Iterator[Picture]:
    if loaded.queue:
        depth = Series("jobs", _pairs(loaded.queue))
        limits = (Limit("limit", slo.queue_depth),)
        yield over_time("Jobs that wait", [depth], times, limits=limits)
    if loaded.queue_ages:
        # A queue that is empty says nothing of an age: then there is none.
        told = dict(_pairs(loaded.queue_ages))
        points = [(at, told.get(at, None if waits else 0.0)) for at, waits in _pairs(loaded.queue)]
        limits = (Limit("limit", slo.queue_age_seconds),)
        yield over_time(
            "Age of the oldest job", [Series("age", points)], times, unit="s", limits=limits
        )


def _used(loaded: Loaded, times: Times) -> Iterator[Picture]:
    """What the target used, where that could be seen."""
    if loaded.memory:
        sizes: dict[str, list[tuple[float, float | None]]] = defaultdict(list)
        for at, size, node in loaded.memory:
            sizes[str(node) or "resident"].append((_number(at), _number(size) / BYTES_IN_MB))
        lines = [Series(node, points) for node, points in sizes.items()]
        yield over_time("Memory of the API", lines, times, unit="MB")
    looks: dict[str, list[tuple[float, float]]] = defaultdict(list)
    for what, at, value in loaded.resources:
        looks[str(what)].append((_number(at), _number(value)))
    stolen = looks.get(STOLEN)
    if stolen and stolen[-1][1] == stolen[0][1]:
        del looks[STOLEN]
    for what, points in looks.items():
        yield _use(what, points, times)


def _use(what: str, points: Sequence[tuple[float, float]], times: Times) -> Picture:
    if what == CPU:
        used = Series("of one processor", _rates(points))
        return over_time("Processor time of the API", [used], times, unit="%")
    if what == STOLEN:
        taken = Series("of all processors", _rates(points))
        return over_time("Taken by the host of this machine", [taken], times, unit="%")
    if what.endswith(" bytes"):
        name = what.removesuffix(" bytes")
        used = Series("used", [(at, size / BYTES_IN_MB) for at, size in points])
        return over_time(f"Memory of {name}", [used], times, unit="MB")
    return over_time(what, [Series("open", points)], times)


def _rates(points: Sequence[tuple[float, float]]) -> list[tuple[float, float | None]]:
    """Of a figure that only grows, by how much a second, in per cent; a restart is a gap."""
    return [
        (there, PER_CENT * (now - before) / (there - here) if now >= before else None)
        for (here, before), (there, now) in pairwise(points)
        if there > here
    ]


def _middle(one: Second) -> float:
    return one.second + 0.5


def _pairs(rows: Sequence[Row]) -> list[tuple[float, float]]:
    return [(_number(row[0]), _number(row[1])) for row in rows]


def _number(value: object) -> float:
    return float(value) if isinstance(value, int | float) else 0.0
