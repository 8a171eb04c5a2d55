"""How much load one process makes on one core, beside Locust's own closed loop in the same place.

Not collected by itself: `python -m pytest -s tests/load/bench_load.py`.
"""

import os
import statistics
import subprocess
import sys
import time

import psutil
import pytest

from golive.adapters.load.children import bare_server
from golive.model.load.shape import hold
from golive.model.load.traffic import NEW_ALONE, LoadPlan

SECONDS = 10
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


def test_one_process_makes_three_thousand_a_second_on_time(generating, total) -> None:
    """At 3 000 a second less than one of a hundred is sent more than 5 ms late."""
    plan = LoadPlan((hold(RATE, SECONDS),), mix=NEW_ALONE, timeout_seconds=5.0)
    late, costs = [], []
    with bare_server() as url:
        server = next(one for one in psutil.Process().children() if "bare" in str(one.cmdline()))
        pin(server.pid, 0)
        for _ in range(ROUNDS):
            ceiling = closed_ceiling(url)
            with generating(url, plan) as under_way:
                process = psutil.Process(under_way.process_ids[0])
                pin(process.pid, 1)
                before = time.process_time()
                cpu = [
                    sum(process.cpu_times()[:2])
                    for _beat in under_way.beats()
                    if process.is_running()
                ]
                own = time.process_time() - before
                one = total(under_way.result())
            late.append(one.late / one.sent)
            costs.append((cpu[-2] - cpu[0]) / one.sent * 1e6 if len(cpu) > 2 else 0.0)
            print(
                f"open {one.answered / SECONDS:.0f}/s, late {one.late / one.sent:.2%}, p99 late "
                f"{one.late_p99_ms} ms, taken p95 {one.taken_p95_ms} ms, {costs[-1]:.0f} us each; "
                f"golive itself {own / SECONDS:.1%} of a core; "
                f"closed FastHttpUser {ceiling:.0f}/s; load {os.getloadavg()[0]:.1f}"
            )

    assert statistics.median(late) < LATE_RATIO
