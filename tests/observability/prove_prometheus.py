"""A real Prometheus with the written files, beside a running reference deployment."""

import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from infra import observability

FIRES_SECONDS = 180.0
"""A minute that it must last, and a scrape and an evaluation before and behind it."""


def free_port() -> int:
    """A port that nobody has."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


@contextmanager
def running(words: list[str], log: Path) -> Iterator[None]:
    """A server until the block is over."""
    if shutil.which(words[0]) is None:
        pytest.skip(f"no {words[0]}: apt-get install {words[0]}")
    with log.open("w") as out, subprocess.Popen(words, stdout=out, stderr=out) as process:
        try:
            yield
        finally:
            process.send_signal(signal.SIGTERM)


@pytest.fixture
def prometheus(own_deployment, tmp_path) -> Iterator[Callable[[str], Any]]:
    """Asks a Prometheus that watches a deployment."""
    port, probing = free_port(), free_port()
    out = tmp_path / "out"
    words = [own_deployment.target_file, str(out), "--blackbox", f"127.0.0.1:{probing}"]
    assert observability.main(words) == 0
    with ExitStack() as servers:
        start = [
            "prometheus-blackbox-exporter",
            f"--config.file={out / 'prometheus/blackbox.yml'}",
            f"--web.listen-address=127.0.0.1:{probing}",
        ]
        servers.enter_context(running(start, tmp_path / "blackbox.log"))
        start = [
            "prometheus",
            f"--config.file={out / 'prometheus/prometheus.yml'}",
            f"--storage.tsdb.path={tmp_path / 'data'}",
            f"--web.listen-address=127.0.0.1:{port}",
        ]
        servers.enter_context(running(start, tmp_path / "prometheus.log"))

        def ask(query: str) -> Any:
            try:
                answer = httpx.get(
                    f"http://127.0.0.1:{port}/api/v1/query", params={"query": query}
                ).json()
            except httpx.TransportError:
                return {}
            results = answer.get("data", {}).get("result", [])
            return {tuple(sorted(one["metric"].items())): float(one["value"][1]) for one in results}

        yield ask


def eventually(ask: Callable[[], Any], satisfied: Callable[[Any], bool]) -> Any:
    """The answer once it satisfies; nothing tells when an alert fires, so it is asked for."""
    until = time.monotonic() + FIRES_SECONDS
    while not satisfied(seen := ask()) and time.monotonic() < until:
        time.sleep(1)
    return seen


def test_targets_are_up_and_a_node_that_ends_is_told(prometheus, own_deployment) -> None:
    """Both nodes and the entrance are seen, the rules record, and one alert fires by name."""
    up = eventually(lambda: prometheus("up"), lambda seen: len(seen) == 3 and all(seen.values()))
    assert sorted(up.values()) == [1.0, 1.0, 1.0]
    outside = eventually(lambda: prometheus("probe_success"), lambda seen: any(seen.values()))
    assert list(outside.values()) == [1.0]
    recorded = eventually(lambda: prometheus("tether:workers_alive:max"), bool)
    assert all(recorded.values())
    firing = 'ALERTS{alertstate="firing"}'
    assert prometheus(firing) == {}

    folder = own_deployment.started.folder
    stop = ("-m", "golive.adapters.native.control", folder, "api-2", "stop")
    subprocess.run([sys.executable, *stop], check=True)

    alerts = eventually(lambda: prometheus(firing), bool)
    names = {dict(labels)["alertname"] for labels in alerts}
    nodes = {dict(labels).get("node") for labels in alerts}
    print(f"\nfiring: {sorted(names)} about {sorted(map(str, nodes))}")
    assert (names, nodes) == ({"TetherNodeDown"}, {"api-2"})
