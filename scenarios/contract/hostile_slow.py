"""Senders that take their time, and connections that say nothing: others must not notice."""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import repeat
from statistics import median

from golive.api import (
    Capability,
    Gate,
    Ruling,
    Sending,
    Slo,
    failed,
    inconclusive,
    passed,
    scenario,
)

SLOW_SENDERS = 40
IDLE_CONNECTIONS = 1_000
SECONDS = 4.0
PROBES = 30
FAIR_FACTOR = 3
HEAD = "POST {path} HTTP/1.1\r\nHost: {host}\r\nContent-Length: 60000\r\n"
TYPE = "Content-Type: application/x-www-form-urlencoded\r\n\r\n"


@dataclass(frozen=True)
class Beside:
    """How long the health check took alone, and beside them."""

    slow: int
    idle: int
    alone_ms: float
    beside_ms: float
    slowest_ms: float
    refused: int


def others_stay_fast(seen: Sequence[Beside], slo: Slo) -> Ruling:
    """The median beside them is below the objective, or not much above that alone."""
    last = seen[-1]
    figures = {
        "alone_ms": last.alone_ms,
        "beside_ms": last.beside_ms,
        "slowest_ms": last.slowest_ms,
    }
    crowd = f"beside {last.slow} slow senders and {last.idle} idle connections"
    if last.idle < IDLE_CONNECTIONS:
        return inconclusive(
            f"only {last.idle} of {IDLE_CONNECTIONS} idle connections could be opened from here; "
            "raise `ulimit -n`",
            **figures,
        )
    if last.refused:
        return failed(f"{last.refused} of {PROBES} health checks were refused {crowd}", **figures)
    if last.beside_ms <= max(slo.p95_ms, FAIR_FACTOR * last.alone_ms):
        return passed(f"the health check takes {last.beside_ms:.1f} ms {crowd}", **figures)
    if last.alone_ms >= slo.p95_ms:
        return inconclusive("the machine is too slow for this", **figures)
    return failed(
        f"the health check takes {last.beside_ms:.0f} ms {crowd}, {last.alone_ms:.0f} ms alone",
        **figures,
    )


@scenario(
    needs=[Capability.HTTP],
    evidence=Beside,
    check=others_stay_fast,
    remediation="Raise the balancer's number of connections and give up on senders that say "
    "nothing; a server with a thread for each connection needs a balancer that collects bodies.",
)
def hostile_slow(gate: Gate) -> Iterator[Beside]:
    """Slow senders and idle connections do not slow others down."""
    alone, _ = probed(gate)
    webhook = gate.target.webhook
    path = webhook.path if webhook else gate.target.target.health
    start = (HEAD.format(path=path, host=gate.raw.authority) + TYPE).encode()
    with gate.raw.idle(IDLE_CONNECTIONS) as idle, ThreadPoolExecutor(SLOW_SENDERS) as senders:
        for _ in range(SLOW_SENDERS):
            slow = Sending(
                "POST", (start, *repeat(b"a", 8)), "one byte a second", pause_seconds=1.0
            )
            senders.submit(gate.raw.exchange, slow, within_seconds=SECONDS)
        beside, refused = probed(gate)
    yield Beside(
        slow=SLOW_SENDERS,
        idle=idle,
        alone_ms=round(median(alone), 2),
        beside_ms=round(median(beside), 2),
        slowest_ms=max(beside),
        refused=refused,
    )


def probed(gate: Gate) -> tuple[list[float], int]:
    """How long health checks took, and how many were not answered below 300."""
    replies = [gate.http.request("GET", gate.url(gate.target.target.health)) for _ in range(PROBES)]
    return [reply.milliseconds for reply in replies], sum(one.status >= 300 for one in replies)  # noqa: PLR2004
