"""Other generators in the same place: what each of them reports of a server."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import urlsplit

from golive.adapters.load.k6 import GATEWAY, script_of
from golive.model.load.traffic import LoadPlan
from golive.model.slo import Slo
from golive.model.target import ExpectedAnswer

LIMIT_MS = 100.0

CLOSED = """
import os, sys
import gevent
from locust import FastHttpUser, constant_throughput, task
from locust.env import Environment
url, users, seconds = sys.argv[1], int(sys.argv[2]), float(sys.argv[3])
class Closed(FastHttpUser):
    host = url.rpartition("/")[0]
    wait_time = constant_throughput(float(sys.argv[4]))
    @task
    def send(self):
        self.client.post("/hook", data={"unique_id": "u" * 32, "signature": "s" * 40})
environment = Environment(user_classes=[Closed])
runner = environment.create_local_runner()
runner.start(users, spawn_rate=users)
gevent.sleep(seconds)
total = environment.stats.total
parts = [total.get_response_time_percentile(part) for part in (0.5, 0.95, 0.99)]
print(total.num_requests, *parts, total.max_response_time, flush=True)
os._exit(0)
"""


@dataclass(frozen=True)
class Row:
    """What a generator says of a load."""

    generator: str
    sent: int
    p50_ms: float
    p95_ms: float
    p99_ms: float
    max_ms: float
    note: str = ""

    def __str__(self) -> str:
        """A line of a table."""
        green = "yes" if self.p95_ms < LIMIT_MS else "no"
        figures = (self.p50_ms, self.p95_ms, self.p99_ms, self.max_ms)
        told = " | ".join(
            f"{figure:.0f}" if figure >= 10 else f"{figure:.1f}" for figure in figures
        )
        return f"| {self.generator} | {self.sent}{self.note} | {told} | {green} |"


HEAD = """| generator | sent | p50 ms | p95 ms | p99 ms | max ms | is "p95 below 100 ms" green? |
|---|---|---|---|---|---|---|"""


def locust_closed(url: str, users: int, seconds: float, throughput: float) -> Row:
    """Locust's own model: each user waits for its answer before it sends again."""
    command = [sys.executable, "-c", CLOSED, url, str(users), str(seconds), str(throughput)]
    ran = subprocess.run(command, capture_output=True, text=True, check=True)
    sent, *figures = map(float, ran.stdout.split())
    name = f"Locust FastHttpUser, {users} users, constant_throughput({throughput:g})"
    return Row(name, int(sent), *figures)


def k6_open(k6: Path, folder: Path, url: str, plan: LoadPlan, users: int | None = None) -> Row:
    """The script that golive writes for k6; with so many virtual users where that is said."""
    parts = urlsplit(url)
    webhook = replace(GATEWAY, path=parts.path, new=ExpectedAnswer())
    text = script_of(plan, webhook, Slo(), f"{parts.scheme}://{parts.netloc}")
    if users is not None:
        options = text.index("export const options")
        for name in ("preAllocatedVUs", "maxVUs"):
            before, _, after = text[options:].partition(f'"{name}": ')
            rest = after.lstrip("0123456789")
            text = f'{text[:options]}{before}"{name}": {users}{rest}'
    script, summary = folder / f"{users}.js", folder / f"{users}.json"
    script.write_text(text)
    command = [
        *(k6, "run", "--quiet", "--no-usage-report", f"--summary-export={summary}"),
        *("--summary-trend-stats", "med,p(95),p(99),max", "--address", "", script),
    ]
    env = {**os.environ, "WEBHOOK_PASSWORD": "password"}
    ran = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
    # 99: a threshold is crossed, which is the point.
    assert ran.returncode in (0, 99), ran.stderr
    metrics = json.loads(summary.read_text())["metrics"]
    told = metrics["http_req_duration"]
    dropped = metrics.get("dropped_iterations", {"count": 0})["count"]
    return Row(
        f"k6 constant-arrival-rate, {users or 'enough'} virtual users",
        metrics["http_reqs"]["count"],
        *(told[name] for name in ("med", "p(95)", "p(99)", "max")),
        note=f" (+{dropped} dropped)" if dropped else "",
    )
