"""How much load one process makes on one core, beside Locust's own closed loop in the same place.

Not collected by itself: `python -m pytest -s tests/load/bench_load.py`.
"""

import os
import statistics
import subprocess
import sys
from dataclasses import dataclass

import psutil
import pytest

from golive.adapters.load.children import bare_server
from golive.model.load.shape import hold
from golive.model.load.traffic import NEW_ALONE, LoadPlan

SECONDS = 8
CEILING_SECONDS = 3
RATE = 3_000
ROUNDS = 3
LATE_RATIO = 0.01

# As many users as the open load has requests under way, each sending as soon as it is answered.
CLOSED = """
import sys, time
from locust import FastHttpUser, task
from locust.env import Environment
import gevent
url, seconds = sys.argv[1], float(sys.argv[2])
class Closed(FastHttpUser):
    host = url.rstrip("/")
    @task
    def send(self):
        self.client.post("/", data={"unique_id": "u" * 32, "signature": "s" * 40})
environment = Environment(user_classes=[Closed])
runner = environment.create_local_runner()
runner.start(50, spawn_rate=50)
gevent.sleep(1)
environment.stats.reset_all()
began = time.monotonic()
gevent.sleep(seconds)
print(environment.stats.total.num_requests / (time.monotonic() - began), flush=True)
import os
os._exit(0)
"""


@pytest.fixture(autouse=True)
def two_cores() -> None:
    """What is measured needs one core for the server and one for the generator."""
    if len(os.sched_getaffinity(0)) < 2:
        pytest.skip("needs two cores")


def pin(pid: int, core: int) -> None:
    """Keep a process to one core."""
    psutil.Process(pid).cpu_affinity([sorted(os.sched_getaffinity(0))[core]])


def closed_ceiling(url: str) -> float:
    """Requests a second of Locust's FastHttpUser, 50 users in a closed loop."""
    command = [sys.executable, "-c", CLOSED, url, str(SECONDS)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        pin(process.pid, 1)
        assert process.stdout
        return float(process.stdout.readline())


def open_ceiling(generating, total, url: str, per_second: float) -> float:
    """Requests a second that golive's engine makes where more is asked of it than it can make."""
    plan = LoadPlan((hold(per_second, CEILING_SECONDS),), mix=NEW_ALONE, timeout_seconds=20.0)
    with generating(url, plan) as under_way:
        pin(under_way.process_ids[0], 1)
        last = list(under_way.beats())[-1]
        return float(total(under_way.result()).answered / last.elapsed_seconds)


@dataclass(frozen=True)
class Round:
    """What one round has measured."""

    closed_per_second: float
    open_per_second: float
    late_ratio: float


def test_one_process_makes_three_thousand_a_second_on_time(generating, total) -> None:
    """At 3 000 a second less than one of a hundred is sent more than 5 ms late; asked for more, it
    makes at least as many as Locust's FastHttpUser. Medians of several rounds.
    """
    plan = LoadPlan((hold(RATE, SECONDS),), mix=NEW_ALONE, timeout_seconds=5.0)
    rounds = []
    with bare_server() as url:
        server = next(one for one in psutil.Process().children() if "bare" in str(one.cmdline()))
        pin(server.pid, 0)
        for _ in range(ROUNDS):
            closed = closed_ceiling(url)
            with generating(url, plan) as under_way:
                pin(under_way.process_ids[0], 1)
                before = psutil.Process(under_way.process_ids[0]).cpu_times()
                for beat in under_way.beats():
                    if beat.in_flight or not beat.answered:
                        after = psutil.Process(under_way.process_ids[0]).cpu_times()
                one = total(under_way.result())
            worked = after.user + after.system - before.user - before.system
            most = open_ceiling(generating, total, url, 2 * closed)
            rounds.append(Round(closed, most, one.late / one.sent))
            print(
                f"at {one.answered / SECONDS:.0f}/s: late {one.late / one.sent:.2%}, p99 late "
                f"{one.late_p99_ms} ms, taken p95 {one.taken_p95_ms} ms, "
                f"{worked / one.sent * 1e6:.0f} us of processor each; at most {most:.0f}/s, "
                f"FastHttpUser {closed:.0f}/s; load {os.getloadavg()[0]:.1f}"
            )

    assert statistics.median(one.late_ratio for one in rounds) < LATE_RATIO
    ratios = [one.open_per_second / one.closed_per_second for one in rounds]
    print(f"open to closed: {', '.join(f'{ratio:.2f}' for ratio in ratios)}")
    assert statistics.median(ratios) >= 1
