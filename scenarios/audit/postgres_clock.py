"""Ages of jobs and of keys are told by two clocks."""

from collections.abc import Iterator, Sequence
from time import time

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

MOST_SECONDS = 1.0
ASKED = "select extract(epoch from clock_timestamp())::float8"


def agrees(seen: Sequence[Setting], _slo: Slo) -> Ruling:
    """The difference, as far as the time of the question lets it be known."""
    ahead, uncertain = (float(str(one.value)) for one in seen)
    told = f"it is {ahead:+.3f} s ahead, give or take {uncertain:.3f}"
    if abs(ahead) + uncertain <= MOST_SECONDS:
        return passed(told, ahead_seconds=ahead)
    if abs(ahead) - uncertain > MOST_SECONDS:
        return failed(told, ahead_seconds=ahead)
    return inconclusive(told, ahead_seconds=ahead)


@scenario(
    needs=[Capability.SQL],
    evidence=Setting,
    check=agrees,
    remediation="Let every machine keep its time by NTP.",
)
def postgres_clock(gate: Gate) -> Iterator[Setting]:
    """The database's clock agrees with this machine's within a second."""
    before = time()
    answer = gate.audit.database.value("clock", ASKED)
    middle, half = (before + time()) / 2, (time() - before) / 2
    yield Setting(answer.place, "clock ahead, s", round(float(str(answer.value)) - middle, 3))
    yield Setting(answer.place, "uncertainty, s", round(half, 3))
