"""Proof that what users feel is measured: of a server that stalls, and with workers that leave.

Takes about a minute, so pytest collects it only when named: `pytest -s tests/load/prove_load.py`.
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

import psutil
import pytest

from golive.model.load.shape import hold
from golive.model.load.traffic import NEW_ALONE, LoadPlan
from tests.load.others import HEAD, Row, k6_open, locust_closed

STALL_SECONDS, EVERY_SECONDS = 1.0, 10.0

PLAN = LoadPlan((hold(100, 40),), arrivals="constant", mix=NEW_ALONE, timeout_seconds=5.0)


@pytest.fixture
def others(k6, tmp_path) -> dict[str, Callable[[str], Row]]:
    """Other generators, each asked for 100 requests a second."""
    seconds = PLAN.seconds
    return {
        "k6": lambda url: k6_open(k6, tmp_path, url, PLAN),
        "k6 with few": lambda url: k6_open(k6, tmp_path, url, PLAN, users=10),
        "ten users": lambda url: locust_closed(url, 10, seconds, 10.0),
        "a hundred users": lambda url: locust_closed(url, 100, seconds, 1.0),
    }


def test_a_server_that_stalls_is_measured_as_it_is_felt(serve, generate, total, others) -> None:
    """Frozen for one second of ten, 100 requests a second: a tenth of them meet the stall, evenly
    up to a second of it, so that p95 is half a second and p99 nine tenths, within a tenth. Others
    measure the same stall at the same time, each on a server of its own.
    """

    def golive(workers: int) -> Callable[[str], Row]:
        def measure(url: str) -> Row:
            one = total(generate(url, PLAN, workers)[1])
            figures = (one.felt_p50_ms, one.felt_p95_ms, one.felt_p99_ms, one.felt_max_ms)
            return Row(f"golive, {workers} x process", one.sent, *figures)

        return measure

    generators = {"one": golive(1), "two": golive(2), **others}
    with ExitStack() as serving, ThreadPoolExecutor(len(generators)) as pool:
        begun = {}
        for place, (name, measure) in enumerate(generators.items()):
            # One after another: where all wake up at once, two cores take long to catch up.
            later = place * EVERY_SECONDS / len(generators)
            freeze = f"{STALL_SECONDS},{EVERY_SECONDS},{later}"
            url = serving.enter_context(serve("--delay", "0.002", "--freeze", freeze))
            begun[name] = pool.submit(measure, url)
        rows = {name: future.result() for name, future in begun.items()}
    print(HEAD, *rows.values(), sep="\n")

    for name in ("one", "two"):
        assert rows[name].sent == 4000
        assert rows[name].p95_ms == pytest.approx(500, rel=0.1)
        assert rows[name].p99_ms == pytest.approx(900, rel=0.1)


def test_the_others_take_over_when_a_worker_leaves(serve, generating, total) -> None:
    """Killed, its share goes to those who stay; what it did not tell is missed, not passed over."""
    plan = LoadPlan((hold(100, 12),), arrivals="constant", mix=NEW_ALONE, timeout_seconds=2.0)
    with serve() as url, generating(url, plan, 2) as under_way:
        victim = psutil.Process(under_way.process_ids[2])
        for number, _beat in enumerate(under_way.beats()):
            if number == 5:
                victim.kill()
        result = under_way.result()

    assert result.problem.startswith("1 of 2 workers left")
    assert [one.sent for one in result.seconds if one.second >= 10] == [100, 100]
    assert total(result).sent < 1200
