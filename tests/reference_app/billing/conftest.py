"""Fixtures of billing: a gateway of the test's own, and debtors to bill."""

import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, cast
from urllib.parse import parse_qsl

import httpx
import pytest

ENVIRONMENT = {
    "GATEWAY_USERNAME": "tether",
    "GATEWAY_PASSWORD": "Gateway-pass-0123",
    "GATEWAY_TERMINAL_TOKEN": "terminal-0123456789",
    "GATEWAY_VERIFY_KEY": "Verify-key-0123456789",
}

Form = dict[str, str]


@dataclass
class Listener:
    """A merchant's notification address that answers as a test wants."""

    url: str = ""
    received: list[Form] = field(default_factory=list)
    answer: Callable[[Form], tuple[int, str]] = lambda _form: (200, "")


def echo(form: Form) -> tuple[int, str]:
    """The answer that the gateway waits for."""
    name = "wpf_unique_id" if "wpf_unique_id" in form else "unique_id"
    return 200, f"<notification_echo><{name}>{form[name]}</{name}></notification_echo>"


@pytest.fixture
def listener() -> Iterator[Listener]:
    """A notification address; it answers nothing useful until told to."""
    state = Listener()

    class _Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            form = dict(parse_qsl(body))
            state.received.append(form)
            status, text = state.answer(form)
            self.send_response(status)
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text.encode())

        def log_message(self, *_arguments: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), _Handler) as server:
        server.daemon_threads = True
        state.url = f"http://127.0.0.1:{server.server_port}/notify"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield state
        server.shutdown()
        thread.join()


@dataclass(frozen=True)
class Gateway:
    """A running gateway simulator, as tests use it."""

    url: str
    process: subprocess.Popen[bytes]

    def control(self, path: str, **asked: Any) -> dict[str, Any]:
        """Tell it something."""
        answer = httpx.post(f"{self.url}/control/{path}", json=asked, timeout=10)
        assert answer.status_code == 200, answer.text
        return cast("dict[str, Any]", answer.json())

    def ask(self, path: str) -> dict[str, Any]:
        """Ask it something."""
        return cast("dict[str, Any]", httpx.get(f"{self.url}/control/{path}", timeout=10).json())

    @property
    def debits(self) -> list[dict[str, Any]]:
        """Money taken."""
        return cast("list[dict[str, Any]]", self.ask("truth")["debits"])


StartGateway = Callable[..., Gateway]


@pytest.fixture
def start_gateway(
    root: Path, free_port: Callable[[], int], wait_for: Callable[..., None]
) -> Iterator[StartGateway]:
    """Starts gateways that end with the test."""
    started: list[subprocess.Popen[bytes]] = []

    def start(notification_url: str = "http://127.0.0.1:9/", *more: str) -> Gateway:
        port = free_port()
        process = subprocess.Popen(
            [
                *(sys.executable, "-m", "infra.gateway", "--port", str(port)),
                *("--notification-url", notification_url, "--retry-interval-s", "0.05", *more),
            ],
            cwd=root,
            env={**os.environ, **ENVIRONMENT},
            stderr=subprocess.DEVNULL,
        )
        started.append(process)
        gateway = Gateway(f"http://127.0.0.1:{port}", process)
        wait_for(lambda: _is_up(gateway.url), "the gateway answers")
        return gateway

    yield start
    for process in started:
        process.kill()
        process.wait()


def _is_up(url: str) -> bool:
    try:
        return httpx.get(f"{url}/health").status_code == 200
    except httpx.TransportError:
        return False


@pytest.fixture
def gateway(start_gateway: StartGateway) -> Gateway:
    """A gateway whose notifications go nowhere."""
    return start_gateway()
