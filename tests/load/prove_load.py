"""Proof that what users feel is measured: of a server that stalls, and with workers that leave.

Takes about a minute, so pytest collects it only when named: `pytest -s tests/load/prove_load.py`.
"""

import psutil
import pytest

from golive.model.load.shape import hold
from golive.model.load.traffic import NEW_ALONE, LoadPlan

STALL_SECONDS, EVERY_SECONDS = 1.0, 10.0


@pytest.mark.parametrize("workers", [1, 2])
def test_a_server_that_stalls_is_measured_as_it_is_felt(serve, generate, total, workers) -> None:
    """Frozen for one second of ten, 100 requests a second: a tenth of them meet the stall, evenly
    up to a second of it, so that p95 is half a second and p99 nine tenths, within a tenth.
    """
    plan = LoadPlan((hold(100, 40),), arrivals="constant", mix=NEW_ALONE, timeout_seconds=5.0)
    with serve("--freeze", f"{STALL_SECONDS},{EVERY_SECONDS}") as url:
        _, result = generate(url, plan, workers)
    one = total(result)
    print(
        f"{workers} workers: p50 {one.felt_p50_ms}, p95 {one.felt_p95_ms}, p99 {one.felt_p99_ms},"
    )
    print(f"max {one.felt_max_ms} ms; late {one.late} of {one.sent}, p99 {one.late_p99_ms} ms")

    assert one.sent == one.answered == 4000
    assert one.felt_p95_ms == pytest.approx(500, rel=0.1)
    assert one.felt_p99_ms == pytest.approx(900, rel=0.1)


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
