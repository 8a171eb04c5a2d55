"""How long the refusal of a wrong signature takes tells nothing of the right one."""

import random
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from statistics import median

from golive.api import (
    Capability,
    Forger,
    Gate,
    Profile,
    Ruling,
    Slo,
    failed,
    inconclusive,
    passed,
    scenario,
)

TRIES = 20_000
LONGEST_SECONDS = 40.0
WRONG = (400, 401, 403)
SURE = 5.0
"""Standard errors from zero that are no chance."""
TELLING_MICROSECONDS = 100.0
"""What a caller on the same network can tell apart with this many tries."""


@dataclass(frozen=True)
class Timed:
    """Differences in pairs: nearly right minus wholly wrong, in microseconds."""

    pairs: int
    median_us: float
    error_us: float
    """The standard error of the median."""
    others: int = 0
    """Tries that were answered otherwise: by a limit, or by no route at all."""


def tells_nothing(seen: Sequence[Timed], _slo: Slo) -> Ruling:
    """The difference is not to be told from chance, and chance is small enough to have told it."""
    last = seen[-1]
    if last.others:
        return inconclusive(f"{last.others} tries were not refused as wrong signatures are")
    figures = {"pairs": last.pairs, "median_us": last.median_us, "error_us": last.error_us}
    if abs(last.median_us) > max(SURE * last.error_us, TELLING_MICROSECONDS):
        return failed(
            f"a nearly right signature is refused {last.median_us:.0f} µs later than a wrong one",
            **figures,
        )
    if SURE * last.error_us > TELLING_MICROSECONDS:
        return inconclusive(
            f"too noisy: {last.pairs} pairs leave ±{SURE * last.error_us:.0f} µs open", **figures
        )
    return passed(
        f"no difference above {TELLING_MICROSECONDS:g} µs in {last.pairs} pairs", **figures
    )


@scenario(
    needs=[Capability.WEBHOOK],
    evidence=Timed,
    check=tells_nothing,
    remediation="Compare with a function made for it (hmac.compare_digest, hash_equals).",
    profile=Profile.STANDARD,
    deadline_seconds=100.0,
)
def hostile_timing(gate: Gate) -> Iterator[Timed]:
    """The time of a refusal does not tell how much of a signature was right."""
    forger = Forger(gate)
    right = forger.signature()
    nearly = right[:-1] + ("0" if right[-1] != "0" else "1")
    wrong = ("0" if right[0] != "0" else "1") + right[1:]
    others = 0
    chance, differences = random.Random(gate.seed), []  # noqa: S311 - the order of two tries
    until = time.monotonic() + LONGEST_SECONDS
    while len(differences) < TRIES // 2 and time.monotonic() < until:
        order = [nearly, wrong] if chance.random() < 0.5 else [wrong, nearly]  # noqa: PLR2004
        took = {}
        for one in order:
            status, took[one] = refusal(gate, forger, one)
            others += status not in WRONG
        differences.append((took[nearly] - took[wrong]) * 1000)
    yield Timed(
        pairs=len(differences),
        median_us=round(median(differences), 3),
        error_us=round(error_of(differences), 3),
        others=others,
    )


def refusal(gate: Gate, forger: Forger, signature: str) -> tuple[int, float]:
    """How one try is answered, and after how many milliseconds."""
    form = forger.fields(signature=signature)
    reply = gate.http.request("POST", forger.url, form=form)
    return reply.status, reply.milliseconds


def error_of(values: list[float]) -> float:
    """The standard error of a median, by the values' middle half: outliers do not count."""
    ordered = sorted(values)
    quarter = len(ordered) // 4
    spread = ordered[-quarter - 1] - ordered[quarter]
    return float(1.2533 * spread / 1.349 / len(ordered) ** 0.5)
