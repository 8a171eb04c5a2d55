"""`golive monitor` as a person runs it, against a small service that can be away."""

import json
import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from golive.ledger.watching import read_watch
from golive.model.monitoring.records import WatchHistory
from tests.conftest import PROGRAM
from tests.monitor.receivers import Inbox, http_inbox

SCALE = 240.0
SHORT = "[[phases]]\nhours = 0.5\nevery_minutes = 6\n"
LONG = "[[phases]]\nhours = 0.8\nevery_minutes = 6\n"
"""Checks are a second and a half of real time apart."""
MINUTE = 60.0
PATIENCE_SECONDS = 30.0


@dataclass
class Service:
    """A service whose health and 5xx count a test decides."""

    url: str
    well: bool = True
    errors: int = 0

    def metrics(self) -> str:
        """What it tells Prometheus."""
        name = "http_seconds"
        good, bad = 'route="/api",status="200"', 'route="/api",status="500"'
        return (
            f"# TYPE {name} histogram\n"
            f'{name}_bucket{{{good},le="0.1"}} 50\n{name}_bucket{{{good},le="+Inf"}} 50\n'
            f"{name}_count{{{good}}} 50\n{name}_sum{{{good}}} 1\n"
            f'{name}_bucket{{{bad},le="0.1"}} {self.errors}\n'
            f'{name}_bucket{{{bad},le="+Inf"}} {self.errors}\n'
            f"{name}_count{{{bad}}} {self.errors}\n{name}_sum{{{bad}}} 1\n"
        )


@pytest.fixture
def service() -> Iterator[Service]:
    """It runs on loopback."""
    made = Service("")

    class Answering(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status = 200 if made.well or self.path == "/metrics" else 503
            body = made.metrics().encode() if self.path == "/metrics" else b""
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_arguments: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Answering) as serving:
        serving.daemon_threads = True
        thread = threading.Thread(target=serving.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        made.url = f"http://127.0.0.1:{serving.server_port}"
        yield made
        serving.shutdown()
        thread.join()


@pytest.fixture
def pager() -> Iterator[Inbox]:
    """Where incidents are told."""
    with http_inbox() as inbox:
        yield inbox


Start = Callable[..., subprocess.Popen[str]]


@pytest.fixture
def start(
    service: Service, pager: Inbox, write_target: Callable[..., Path], tmp_path: Path
) -> Iterator[Start]:
    """Starts a watch of it in the background."""
    schedules = tmp_path / "mine/scenarios/monitor/schedules"
    schedules.mkdir(parents=True)
    (schedules / "short.toml").write_text(f'summary = "Half an hour."\n{SHORT}')
    (schedules / "long.toml").write_text(f'summary = "Nearly an hour."\n{LONG}')
    target = write_target(
        service.url,
        f'[observe.metrics]\nurl = "{service.url}/metrics"\nlatency = "http_seconds"\n'
        '[monitor]\nrollback = "ops/rollback"\n'
        '[[monitor.escalate]]\nkind = "webhook"\nurl_env = "PAGER_URL"\n',
    )
    running: list[subprocess.Popen[str]] = []

    def run(schedule: str, *more: str) -> subprocess.Popen[str]:
        words = ["--schedule", schedule, "--time-scale", f"{SCALE:g}", "--catalog"]
        words += [str(tmp_path / "mine"), "--out", str(tmp_path / "runs"), "--json", *more]
        process = subprocess.Popen(
            [PROGRAM, "monitor", str(target), *words],
            env={**os.environ, "PAGER_URL": pager.url},
            cwd=tmp_path,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        running.append(process)
        return process

    yield run
    for process in running:
        process.kill()
        process.communicate()


def folder(tmp_path: Path) -> Path:
    """The one run folder."""
    [found] = (tmp_path / "runs").glob("*")
    return found


def when(tmp_path: Path, holds: Callable[[WatchHistory], bool]) -> WatchHistory:
    """Wait until something was written down."""
    end = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < end:
        if list((tmp_path / "runs").glob("*/evidence/watch/order.json")):
            history = read_watch(folder(tmp_path))
            if holds(history):
                return history
        time.sleep(0.05)
    raise AssertionError("it was not written down in time")


def finished(process: subprocess.Popen[str]) -> tuple[int, Any, str]:
    """Exit code, verdict and what was told the person."""
    out, err = process.communicate(timeout=PATIENCE_SECONDS)
    return process.returncode, json.loads(out) if out else None, err


def outcome(verdict: Any, name: str) -> tuple[str, str]:
    """Outcome and summary of one finding."""
    [one] = [one for one in verdict["findings"] if one["id"] == f"monitor.{name}"]
    return one["outcome"], one["summary"]


def test_an_outage_is_found_told_once_and_closed_but_not_one_of_maintenance(
    start: Start, service: Service, pager: Inbox, tmp_path: Path
) -> None:
    """The probes call for a check at once; the report has the minutes, and how to go back."""
    service.well = False
    watching = start("short", "--maintenance", "+0/+10")
    when(tmp_path, lambda history: history.until_seconds > 8 * MINUTE)
    service.well = True
    when(tmp_path, lambda history: len(history.made) >= 2)
    service.well = False
    began = time.monotonic()
    when(tmp_path, lambda history: len(history.told) == 1)
    service.well = True
    lasted_minutes = (time.monotonic() - began) * SCALE / MINUTE
    code, verdict, err = finished(watching)

    assert (code, verdict["verdict"]) == (1, "NO_GO")
    assert outcome(verdict, "availability")[0] == "FAIL"
    assert pager.events() == [(1, "critical"), (1, "closed")]
    assert "roll back now: ops/rollback" in pager.received[0][1]["text"]
    history = read_watch(folder(tmp_path))
    report = (folder(tmp_path) / "report.md").read_text()
    [down] = [line for line in report.splitlines() if line.startswith("| Down |")]
    minutes = float(down.split("|")[2].split()[0])
    assert minutes == pytest.approx(lasted_minutes, abs=2 * history.order.probe_seconds / MINUTE)
    assert "incident 1 is over" in err
    assert "<svg" in (folder(tmp_path) / "report.html").read_text()


def test_a_watch_goes_on_after_it_was_killed(
    start: Start, service: Service, pager: Inbox, tmp_path: Path
) -> None:
    """What was due meanwhile is missed, what was counted is kept, nobody is told twice."""
    first = start("long")
    when(tmp_path, lambda history: len(history.made) >= 1)
    service.errors += 1
    service.well = False
    killed = when(tmp_path, lambda history: len(history.told) == 1)
    os.kill(first.pid, signal.SIGKILL)
    first.communicate()
    # Until a check is due that nobody makes.
    time.sleep(7 * MINUTE / SCALE)
    service.well = True
    code, verdict, err = finished(start("long"))

    history = read_watch(folder(tmp_path))
    assert len(history.sessions) == 2
    assert history.checks[: len(killed.checks)] == killed.checks
    assert history.missed
    assert (code, verdict["verdict"]) == (1, "NO_GO")
    assert any("were missed" in reason for reason in verdict["reasons"])
    assert [event for _, event in pager.events()] == ["critical", "closed"]
    assert "going on at" in err


def test_an_interrupted_watch_ends_with_a_report_of_what_is_there(
    start: Start, tmp_path: Path
) -> None:
    """Ctrl-C is 130, and what it did not live to see is told as not made."""
    watching = start("short")
    when(tmp_path, lambda history: len(history.made) >= 1)
    watching.send_signal(signal.SIGINT)
    code, verdict, _ = finished(watching)

    assert (code, verdict["verdict"]) == (130, "UNPROVEN")
    assert any("checks were not made" in reason for reason in verdict["reasons"])
    assert outcome(verdict, "availability")[0] == "PASS"
