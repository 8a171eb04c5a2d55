"""A day of a deployment under load in two minutes, with an outage, a slow quarter of an hour and a
queue that nobody serves: each is found, told once and closed, and the minutes are right.
"""

import json
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pytest

from golive.config.target_file import read_target
from golive.ledger.watching import read_watch
from golive.model.monitoring.records import WatchHistory
from golive.model.target import Target
from tests.conftest import PROGRAM, Reference
from tests.monitor.receivers import Inbox, http_inbox
from tests.monitor.traffic import Traffic

SCALE = 720.0
HOUR, MINUTE = 3600.0, 60.0
CALLERS, PER_SECOND = 6, 8
"""Several at once: one that waits for its answer would hardly ask while everything is slow."""
OUTAGE_MINUTES = 6.0
"""And as long again for the commands that end and start the balancer."""
PATIENCE_SECONDS = 240.0

MONITOR = """
[slo]
queue_depth = 20
queue_age_seconds = 3.0

[monitor]
rollback = "ops/rollback v41"

[[monitor.escalate]]
kind = "webhook"
tell = "all"
url_env = "PAGER_URL"
"""


@pytest.fixture
def pager() -> Iterator[Inbox]:
    """Where incidents are told."""
    with http_inbox() as inbox:
        yield inbox


@dataclass
class Day:
    """A watch under way in another process."""

    target: Target
    out: Path
    started: float = 0.0

    @property
    def folder(self) -> Path:
        """Its run folder."""
        [found] = self.out.glob("*")
        return found

    @property
    def history(self) -> WatchHistory:
        """What it has written down."""
        return read_watch(self.folder)

    def now(self) -> float:
        """The time of the watch, by the clock of the wall."""
        began = datetime.fromisoformat(self.history.order.began).timestamp()
        return (time.time() - began) * SCALE

    def wait_for(self, seconds: float) -> None:
        """Until a time of the watch."""
        time.sleep(max(0.0, (seconds - self.now()) / SCALE))

    def until(self, holds: Callable[[WatchHistory], bool]) -> WatchHistory:
        """Until something was written down."""
        end = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < end:
            if list(self.out.glob("*/evidence/watch/order.json")) and holds(self.history):
                return self.history
            time.sleep(0.1)
        raise AssertionError("it was not written down in time")

    def control(self, role: str, verb: str) -> tuple[float, float]:
        """Act on a server; when that began and was done."""
        processes = self.target.faults.processes
        assert processes is not None
        command = getattr(processes[role], verb)
        began = self.now()
        subprocess.run(command, shell=True, check=True, timeout=60)  # noqa: S602 - our own
        return began, self.now()


def test_a_day_with_three_mishaps(own_deployment: Reference, pager: Inbox, tmp_path: Path) -> None:
    """An outage, a slow Redis and paused workers are found by the first check after them, told
    once, and closed; uptime and minutes are those that the clock of the wall says.
    """
    file = tmp_path / "day.toml"
    file.write_text(Path(own_deployment.target_file).read_text() + MONITOR)
    _write_secrets(file, own_deployment, pager)
    day = Day(read_target(file), tmp_path / "runs")
    words = ["monitor", str(file), "--time-scale", f"{SCALE:g}", "--out", str(day.out), "--json"]
    webhook = f"{own_deployment.base_url}/api/webhooks/emp"

    with ExitStack() as traffic:
        for _ in range(CALLERS):
            traffic.enter_context(Traffic(webhook, own_deployment.webhook_password, PER_SECOND))
        watching = subprocess.Popen(
            [PROGRAM, *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        day.until(lambda history: len(history.made) >= 3)
        stopped = day.control("nginx", "stop")
        day.wait_for(stopped[1] + OUTAGE_MINUTES * MINUTE)
        started = day.control("nginx", "start")
        day.wait_for(6 * HOUR)
        slow = _slow_redis(day)
        day.wait_for(13 * HOUR)
        day.until(lambda history: any(at >= 13.9 * HOUR for at in history.made))
        jammed = day.control("worker", "pause")
        day.until(lambda history: any(at > jammed[1] for at in history.made.values()))
        served = day.control("worker", "resume")
        out, err = watching.communicate(timeout=PATIENCE_SECONDS)
    print(
        err,
        *((one["scenario"], one["event"], one["begins"]) for _, one in pager.received),
        sep="\n",
    )
    _tell(day.history, stopped, started, slow, jammed, served)

    assert watching.returncode == 1
    _require_told(pager)
    _require_found(
        day.history,
        pager,
        {
            "monitor.availability": stopped[1],
            "monitor.webhook_latency": slow[0],
            "monitor.queue_depth|monitor.queue_age": jammed[1],
        },
    )
    _require_minutes(day, stopped, started)
    assert json.loads(out)["verdict"] == "NO_GO"


def _write_secrets(file: Path, deployment: Reference, pager: Inbox) -> None:
    secrets = file.with_suffix(".env")
    given = Path(deployment.target_file).with_suffix(".env").read_text()
    secrets.write_text(f"{given}\nPAGER_URL={pager.url}\n")
    secrets.chmod(0o600)


def _require_told(pager: Inbox) -> None:
    """Each mishap is told once when it begins and once when it is over."""
    events = [(one["scenario"], one["event"]) for _, one in pager.received]
    told = {(one["incident"], one["event"]) for _, one in pager.received}
    assert len(events) == len(told)
    assert {("monitor.availability", "critical"), ("monitor.availability", "closed")} <= {*events}
    assert ("monitor.webhook_latency", "documented") in events
    assert {"monitor.queue_depth", "monitor.queue_age"} & {name for name, _ in events}
    opened = sum(event != "closed" for _, event in events)
    assert opened == sum(event == "closed" for _, event in events), "each is closed"


def _require_found(history: WatchHistory, pager: Inbox, mishaps: Mapping[str, float]) -> None:
    """The first check after each mishap has found it: its incident begins with it."""
    assert history.missed == ()
    began = datetime.fromisoformat(history.order.began).timestamp()
    looks = sorted({one.at_seconds for one in history.checks})
    for scenario, since in mishaps.items():
        first = next(at for at in looks if at > since)
        begins = [
            (datetime.fromisoformat(one["begins"]).timestamp() - began) * SCALE
            for _, one in pager.received
            if one["scenario"] in scenario.split("|") and one["event"] != "closed"
        ]
        nearest = min(begins, key=lambda at: abs(at - first))
        print(
            f"{scenario}: mishap +{since / HOUR:.2f} h, first check +{first / HOUR:.2f} h,"
            f" incident +{nearest / HOUR:.2f} h"
        )
        # Times of messages are whole seconds, and a second is twelve minutes here.
        assert abs(nearest - first) <= SCALE, scenario


def _slow_redis(day: Day) -> tuple[float, float]:
    """A quarter of an hour (and the check within it) with 250 ms on every answer of Redis."""
    import httpx

    toxiproxy = day.target.faults.toxiproxy
    assert toxiproxy is not None
    toxics = f"{toxiproxy.api}/proxies/{toxiproxy.proxies['redis_queue']}/toxics"
    toxic = {"name": "prove", "type": "latency", "attributes": {"latency": 250}}
    began = day.now()
    httpx.post(toxics, json=toxic).raise_for_status()
    time.sleep(15 * MINUTE / SCALE)
    httpx.delete(f"{toxics}/prove").raise_for_status()
    return began, day.now()


def _require_minutes(day: Day, stopped: tuple[float, float], started: tuple[float, float]) -> None:
    """The report's minutes lie between the least and the most that the outage can have been."""
    lines = (day.folder / "report.md").read_text().splitlines()
    [down] = [line for line in lines if line.startswith("| Down |")]
    [uptime] = [line for line in lines if line.startswith("| Uptime |")]
    minutes = float(down.split("|")[2].split()[0])
    percent = float(uptime.split("|")[2].split()[0])
    slack = 2 * day.history.order.probe_seconds / MINUTE
    shortest = (started[0] - stopped[1]) / MINUTE - slack
    longest = (started[1] - stopped[0]) / MINUTE + slack
    print(down, uptime, f"between {shortest:.1f} and {longest:.1f} minutes")
    assert shortest <= minutes <= longest
    assert percent == pytest.approx(100 * (1 - minutes / 1440), abs=0.1)
    assert 97 <= percent < 100


def _tell(history: WatchHistory, *times: tuple[float, float]) -> None:
    names = ("stopped", "started", "slow", "jammed", "served")
    for name, (began, done) in zip(names, times, strict=True):
        print(f"{name}: +{began / HOUR:.2f} h to +{done / HOUR:.2f} h")
    print(f"{len(history.made)} checks made, {len(history.missed)} missed")
