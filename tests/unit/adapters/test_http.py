"""The HTTP adapter against real sockets."""

import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from golive.adapters.http import HttpAdapter, http_client
from golive.errors import UnreachableError
from golive.ledger.recorder import RunRecorder
from golive.model.operation import Phase
from golive.model.plan import Plan
from golive.model.slo import Slo

PLAN = Plan("r", "0", "t", "local", "http://t", "quick", "", (), {}, Slo(), (), (), (), ())


class Handler(BaseHTTPRequestHandler):
    """Redirects, or hangs until the client gives up."""

    def do_GET(self) -> None:
        """Answer by path."""
        if self.path == "/hang":
            self.rfile.read(1)
            return
        self.send_response(302)
        self.send_header("Location", "http://192.0.2.1/")
        self.send_header("X-Mixed-Case", "yes")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_arguments: object) -> None:
        """Say nothing."""


@pytest.fixture
def server() -> Iterator[str]:
    """Address of a server on loopback."""
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as serving:
        serving.daemon_threads = True
        thread = threading.Thread(target=serving.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield f"http://127.0.0.1:{serving.server_port}"
        serving.shutdown()
        thread.join()


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[RunRecorder]:
    """An open ledger."""
    recorder = RunRecorder(tmp_path / "r", PLAN, str)
    yield recorder
    recorder.close()


@pytest.fixture
def http(ledger: RunRecorder) -> Iterator[HttpAdapter]:
    """The adapter of one step."""
    with http_client() as client:
        yield HttpAdapter(client, ledger.step("smoke.a"))


def test_an_answer_is_recorded_and_redirects_are_not_followed(
    server: str, http: HttpAdapter, ledger: RunRecorder
) -> None:
    """A redirect is an answer like any other; its time and status are in the ledger."""
    reply = http.request("GET", f"{server}/")

    assert reply.status == 302
    assert reply.headers["x-mixed-case"] == "yes"
    assert ledger.operations[-1].phase is Phase.OK
    assert ledger.operations[-1].facts["status"] == 302


def test_a_refused_connection_is_a_failed_operation(http: HttpAdapter, ledger: RunRecorder) -> None:
    """Nothing was sent, so nothing can have taken effect; address and error are told."""
    with socket.socket() as reserved:
        reserved.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{reserved.getsockname()[1]}/x"
        with pytest.raises(UnreachableError, match=rf"{url}: Connection refused"):
            http.request("GET", url)

    assert ledger.operations[-1].phase is Phase.FAIL


def test_an_answer_that_never_comes_is_info(
    server: str, http: HttpAdapter, ledger: RunRecorder
) -> None:
    """The request was sent: nobody knows whether it took effect."""
    with pytest.raises(UnreachableError, match="no answer in time"):
        http.request("GET", f"{server}/hang", timeout_seconds=0.2)

    assert ledger.operations[-1].phase is Phase.INFO
