"""Fixtures of the tests of infra/: files rendered for hosts, processes, network namespaces."""

import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from golive.adapters.native.places import reservations_folder
from golive.adapters.native.ports import reserve
from golive.adapters.native.servers.finding import find
from golive.adapters.native.servers.known import NGINX
from infra import render
from tests.infra._helping import ROOT, Balancer, end, until

VALUES = ROOT / "infra/values.toml"

Start = Callable[..., "subprocess.Popen[bytes]"]


@pytest.fixture(scope="session")
def values() -> dict[str, Any]:
    """The values that the repository ships."""
    return tomllib.loads(VALUES.read_text())


@pytest.fixture
def render_hosts(values, tmp_path) -> Callable[..., Path]:
    """Write the files of all hosts, with some values changed: `paths={"logs": …}`."""

    def write(**changes: Any) -> Path:
        merged = dict(values)
        for name, change in changes.items():
            merged[name] = {**values[name], **change} if isinstance(change, Mapping) else change
        render.write(merged, tmp_path / "hosts")
        return tmp_path / "hosts"

    return write


@pytest.fixture
def start(tmp_path) -> Iterator[Start]:
    """Start programs that end with the test; their words are in files named by the program."""
    started: list[subprocess.Popen[bytes]] = []

    def begin(
        *words: str | Path, env: Mapping[str, str] | None = None, log: str = "", group: bool = False
    ) -> subprocess.Popen[bytes]:
        path = tmp_path / f"{log or Path(str(words[0])).name}.log"
        with path.open("ab") as file:
            process = subprocess.Popen(
                [str(word) for word in words],
                cwd=ROOT,
                env={**os.environ, **(env or {})},
                stdin=subprocess.DEVNULL,
                stdout=file,
                stderr=file,
                start_new_session=group,
            )
        started.append(process)
        return process

    yield begin
    for process in reversed(started):
        end(process)


@pytest.fixture
def start_node(start) -> Callable[..., "subprocess.Popen[bytes]"]:
    """Start an API node with an environment, on a port."""

    def begin(env: Mapping[str, str], port: int, name: str) -> "subprocess.Popen[bytes]":
        return start(
            *(sys.executable, "-m", "reference_app.api", "--port", str(port)),
            env={**env, "NODE_NAME": name},
            log=name,
        )

    return begin


@pytest.fixture(scope="session")
def port() -> Iterator[Callable[[], int]]:
    """Ports that no other test takes."""
    block = reserve(reservations_folder())
    yield block.take
    block.release()


@pytest.fixture
def balancer(start, port, tmp_path) -> Callable[[list[str]], Balancer]:
    """Start nginx before nodes, with the template of production; some `word=number` may differ."""
    program = getattr(find(NGINX), "path", None)

    def begin(nodes: list[str], **changed: str) -> Balancer:
        home = tmp_path / "nginx"
        home.mkdir()
        listen = f"127.0.0.1:{port()}"
        (home / "out").mkdir()
        (home / "nodes.conf").write_text(render.render("nginx/nodes.conf.j2", {"nodes": nodes}))
        text = render.render(
            "nginx/nginx.conf.j2",
            {
                "home": home,
                "access_log": home / "access.log",
                # The folders of a test are its own account's alone.
                "user": "root" if os.geteuid() == 0 else "",
                "listen": listen,
                "nodes": nodes,
                "nodes_file": home / "nodes.conf",
                "tls": None,
            },
        )
        for word, other in changed.items():
            assert f"{word}=" in text
            text = re.sub(rf"\b{word}=\w+(/s)?", f"{word}={other}", text)
        (home / "nginx.conf").write_text(text)
        words = (str(program), "-p", str(home), "-c", str(home / "nginx.conf"))
        start(*words)
        ready = Balancer(f"http://{listen}", home, " ".join((*words, "-s", "reload")))
        until((home / "nginx.pid").exists, "nginx runs")
        return ready

    return begin
