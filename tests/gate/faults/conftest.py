"""A proxy of our own on the deployment's Toxiproxy, before a server that sends back what it gets;
a process that scripts start, pause and end.
"""

import contextlib
import os
import secrets
import signal
import socket
import socketserver
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest

from golive.adapters.faults.faults import FaultsAdapter
from golive.adapters.faults.ward import Ward
from golive.ledger.recorder import RunRecorder
from golive.model.plan import Plan
from golive.model.slo import Slo
from golive.model.target import FaultCommand, Faults, FaultsToxiproxy, ProcessControl

PLAN = Plan("r", "0", "t", "local", "http://t", "quick", "", (), {}, Slo(), (), (), (), ())
SERVICE = "echo"

# Keeps the role's pid in a file; `tend` is its supervisor, where it has one.
CONTROL = """
pid=$(cat pid 2>/dev/null)
case $1 in
status)
    state=$(awk '/^State/ {print $2}' /proc/"$pid"/status 2>/dev/null)
    case $state in T) echo paused ;; "" | Z) echo stopped ;; *) echo running ;; esac ;;
start) sleep 600 >/dev/null 2>&1 & echo $! >pid ;;
kill) kill -9 "$pid" ;;
terminate) kill -9 "$pid"; sleep 0.2; exec sh "$0" start ;;
pause) kill -STOP "$pid" ;;
resume) kill -CONT "$pid" ;;
stop) kill -9 "$pid" ;;
begin) touch broken ;;
end) rm -f broken; echo x >>mended ;;
slow-end) echo x >>ending; sleep 0.5; rm -f broken ;;
refuse) echo "no such role" >&2; exit 7 ;;
esac
"""


class _Echo(socketserver.BaseRequestHandler):
    """Sends back what it gets; a Q ends the connection."""

    def handle(self) -> None:
        """Serve until either side closes."""
        with contextlib.suppress(OSError):
            while (data := self.request.recv(65536)) not in (b"", b"Q"):
                self.request.sendall(data)


@dataclass(frozen=True)
class Proxied:
    """A proxy of our own, looked at past the code under test."""

    api: str
    name: str
    port: int

    def state(self) -> dict[str, Any]:
        """What Toxiproxy says of it."""
        found: dict[str, Any] = httpx.get(f"{self.api}/proxies/{self.name}").json()
        return found

    def is_well(self) -> bool:
        """Enabled, and without any toxic."""
        state = self.state()
        return state["enabled"] and not state["toxics"]

    def connect(self) -> socket.socket:
        """A connection through it."""
        return socket.create_connection(("127.0.0.1", self.port), timeout=5)


@pytest.fixture
def proxied(deployment) -> Iterator[Proxied]:
    """A proxy before an echo server."""
    api = deployment.started.urls["toxiproxy"]
    name = f"test-{secrets.token_hex(4)}"
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), _Echo) as server:
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        upstream = f"127.0.0.1:{server.server_address[1]}"
        wanted = {"name": name, "listen": "127.0.0.1:0", "upstream": upstream}
        made = httpx.post(f"{api}/proxies", json=wanted).raise_for_status().json()
        yield Proxied(api, name, int(made["listen"].rpartition(":")[2]))
        httpx.delete(f"{api}/proxies/{name}").raise_for_status()
        server.shutdown()
        thread.join()


@dataclass(frozen=True)
class Role:
    """A process of our own and the folder of its script."""

    folder: Path

    def line(self, verb: str) -> str:
        """A command of the target file."""
        return f"env -C {self.folder} sh control.sh {verb}"

    def control(self, **more: str | None) -> ProcessControl:
        """The section of a target file."""
        verbs = ("status", "start", "kill", "terminate", "pause", "resume", "stop")
        return ProcessControl(**({verb: self.line(verb) for verb in verbs} | more))

    @property
    def pid(self) -> int:
        """Its process."""
        return int((self.folder / "pid").read_text())

    def is_running(self) -> bool:
        """Whether it runs, as the kernel sees it."""
        with contextlib.suppress(psutil.NoSuchProcess):
            return psutil.Process(self.pid).status() in ("running", "sleeping")
        return False


@pytest.fixture
def role(tmp_path: Path) -> Iterator[Role]:
    """A running process."""
    (tmp_path / "control.sh").write_text(CONTROL)
    role = Role(tmp_path)
    os.system(role.line("start"))  # noqa: S605 - our own script
    yield role
    with contextlib.suppress(ProcessLookupError):
        os.kill(role.pid, signal.SIGKILL)


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[RunRecorder]:
    """An open ledger."""
    recorder = RunRecorder(tmp_path / "r", PLAN, str)
    yield recorder
    recorder.close()


@pytest.fixture
def ward(tmp_path: Path) -> Iterator[Ward]:
    """What is broken; nothing may be left of it."""
    ward = Ward(tmp_path / "faults")
    yield ward
    ward.close()


Breaker = Callable[..., FaultsAdapter]


@pytest.fixture
def on_network(ward: Ward, ledger: RunRecorder, proxied: Proxied) -> FaultsAdapter:
    """Breaks what is before the echo server."""
    section = FaultsToxiproxy(proxied.api, {SERVICE: proxied.name, "nowhere": "no-such-proxy"})
    return FaultsAdapter(Faults(toxiproxy=section), ward, ledger.step("s"))


@pytest.fixture
def on_processes(ward: Ward, ledger: RunRecorder, role: Role) -> Breaker:
    """Breaks the process; its commands may be others."""

    def make(**more: str | None) -> FaultsAdapter:
        commands = {
            "quota": FaultCommand(role.line("begin"), role.line("end"), "a file"),
            "odd": FaultCommand(role.line("begin"), role.line("refuse"), "a file"),
            "slow": FaultCommand(role.line("begin"), role.line("slow-end"), "a file"),
        }
        section = Faults(processes={"sleeper": role.control(**more)}, commands=commands)
        return FaultsAdapter(section, ward, ledger.step("s"))

    return make
