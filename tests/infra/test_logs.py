"""Lines of several nodes in one place: rsyslog with the files of infra/logs, and real nodes."""

import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from golive.adapters.native.places import reservations_folder
from golive.adapters.native.ports import reserve
from tests.infra._helping import end, until

LACKING = [one for one in ("rsyslogd", "logrotate", "logger") if shutil.which(one) is None]
pytestmark = pytest.mark.skipif(
    bool(LACKING), reason=f"not installed: {', '.join(LACKING)} (Debian: rsyslog logrotate)"
)

NODES = ("api-1", "api-2")
BASE = """
global(workDirectory="{folder}/{host}" localHostname="{host}")
module(load="imuxsock" SysSock.Use="off")
input(type="imuxsock" Socket="{folder}/{host}/log" CreatePath="on")
"""


@dataclass(frozen=True)
class Collected:
    """The hosts' logs, and the one file that all of them come to."""

    folder: Path
    rules: Path
    urls: dict[str, str]
    start_collector: Callable[[], "subprocess.Popen[bytes]"]

    @property
    def file(self) -> Path:
        """All lines."""
        return self.folder / "tether.jsonl"

    def ask(self, request_id: str) -> None:
        """Send the same request to every node."""
        for url in self.urls.values():
            answer = httpx.get(
                f"{url}/api/uploads", headers={"X-Request-ID": request_id}, trust_env=False
            )
            assert answer.headers["X-Request-ID"] == request_id

    def hosts_that_told(self, request_id: str, file: Path | None = None) -> list[str]:
        """The host of every line about a request."""
        path = file or self.file
        lines = path.read_text().splitlines() if path.exists() else []
        found = [json.loads(line) for line in lines if request_id in line]
        return sorted(one["host"] for one in found if one["request_id"] == request_id)


@pytest.fixture
def collected(render_hosts, start, production_env) -> Iterator[Collected]:
    """Two hosts with a node and an rsyslog each, and a third rsyslog that collects."""
    # The address of a socket has room for a hundred characters.
    with tempfile.TemporaryDirectory(prefix="golive-logs-") as name:
        folder = Path(name)
        block = reserve(reservations_folder())
        hosts = render_hosts(
            hosts={"data": "127.0.0.1"},
            ports={"logs": block.take()},
            paths={"logs": name},
            rotation={"megabytes": 0, "reopen": f"kill -HUP $(cat {name}/data.pid)"},
        )
        pieces = {"data": (hosts / "data/etc/rsyslog.d/40-tether-collect.conf").read_text()}
        forward = (hosts / "api/etc/rsyslog.d/50-tether.conf").read_text()
        pieces |= dict.fromkeys(NODES, forward)

        def run(host: str) -> "subprocess.Popen[bytes]":
            (folder / host).mkdir(exist_ok=True)
            configuration = folder / f"{host}.conf"
            configuration.write_text(BASE.format(folder=folder, host=host) + pieces[host])
            return start("rsyslogd", "-n", "-f", configuration, "-i", folder / f"{host}.pid")

        for host in NODES:
            run(host)
        urls = {
            host: _start_node(start, production_env, folder / host, block.take()) for host in NODES
        }
        until(lambda: all(map(_answers, urls.values())), "both nodes answer")
        yield Collected(folder, hosts / "data/etc/logrotate.d/tether", urls, lambda: run("data"))
        block.release()


def _start_node(start: Callable[..., object], env: dict[str, str], home: Path, port: int) -> str:
    """A node whose words go to its host's log, as systemd would send them."""
    until((home / "log").exists, "the host has a log")
    command = f"{sys.executable} -m reference_app.api --port {port} 2>&1 | "
    start(
        *("sh", "-c", f"{command} logger --tag tether-api --socket {home / 'log'}"),
        env={**env, "NODE_NAME": home.name},
    )
    return f"http://127.0.0.1:{port}"


def _answers(url: str) -> bool:
    try:
        return httpx.get(f"{url}/health", trust_env=False).status_code == 200
    except httpx.TransportError:
        return False


def test_a_request_is_found_by_its_id_over_all_nodes(collected) -> None:
    """Once for each node, also after a rotation, and also what was said while nobody collected."""
    collector = collected.start_collector()
    collected.ask("edge-first")
    until(
        lambda: collected.hosts_that_told("edge-first") == list(NODES), "both lines are collected"
    )

    rotate = ["logrotate", "--state", collected.folder / "state", collected.rules]
    subprocess.run(rotate, check=True)
    collected.ask("edge-second")
    until(lambda: collected.hosts_that_told("edge-second") == list(NODES), "the new file is used")
    before = collected.folder / "tether.jsonl.1"
    assert collected.hosts_that_told("edge-first") == []
    assert collected.hosts_that_told("edge-first", before) == list(NODES)

    end(collector)
    collected.ask("edge-third")
    collected.start_collector()
    until(
        lambda: set(collected.hosts_that_told("edge-third")) == set(NODES),
        "what was said meanwhile is collected",
    )
