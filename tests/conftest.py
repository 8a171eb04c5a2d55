"""Fixtures that several folders of tests share."""

import os
import ssl
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from dotenv import dotenv_values

from golive.adapters.deployments import reference_deployment, secrets_of
from golive.model.deployment import Deployment, ServerProcess

pytest_plugins = ["pytester"]

ROOT = Path(__file__).parents[1]

Golive = Callable[..., subprocess.CompletedProcess[str]]

PROGRAM = Path(sys.executable).with_name("golive")


@pytest.fixture(scope="session")
def golive() -> Golive:
    """Runs the command line as a user would, in a folder of the test's choice."""

    def run(
        *words: str | Path,
        cwd: Path,
        env: dict[str, str] | None = None,
        timeout_seconds: float = 180,
    ) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [PROGRAM, *words],
            cwd=cwd,
            env={**os.environ, **(env or {})},
            capture_output=True,
            text=True,
            timeout=timeout_seconds,
            check=False,
        )

    return run


class _Healthy(BaseHTTPRequestHandler):
    """A service that can do one thing: say that it is well."""

    def do_GET(self) -> None:
        """200 for the health check, 404 for the rest."""
        self.send_response(200 if self.path == "/health" else 404)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_arguments: object) -> None:
        """Say nothing."""


@contextmanager
def healthy_service(tls: ssl.SSLContext | None = None) -> Iterator[str]:
    """Address of a service on loopback whose health check answers 200; by https where it is told
    its side of TLS.
    """
    with ThreadingHTTPServer(("127.0.0.1", 0), _Healthy) as serving:
        serving.daemon_threads = True
        if tls is not None:
            serving.socket = tls.wrap_socket(serving.socket, server_side=True)
        thread = threading.Thread(target=serving.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield f"{'https' if tls else 'http'}://127.0.0.1:{serving.server_port}"
        finally:
            serving.shutdown()
            thread.join()


@pytest.fixture
def healthy_url() -> Iterator[str]:
    """Address of a service on loopback whose health check answers 200."""
    with healthy_service() as url:
        yield url


@pytest.fixture
def write_target(tmp_path: Path) -> Callable[..., Path]:
    """Writes a small target file and returns its path."""

    def write(base_url: str, more: str = "", allow: Sequence[str] = ("smoke", "mine")) -> Path:
        path = tmp_path / "small.toml"
        path.write_text(
            f'[target]\nname = "small"\nbase_url = "{base_url}"\nenvironment = "local"\n'
            f"allow = {list(allow)!r}\n{more}"
        )
        return path

    return write


@dataclass(frozen=True)
class Reference:
    """A running reference deployment, as tests use it. `env` is the service's own environment."""

    started: Deployment
    secrets: tuple[str, ...]
    env: dict[str, str]
    access: dict[str, str]

    @classmethod
    def of(cls, started: Deployment) -> "Reference":
        """Read what the deployment wrote about itself."""
        env = dotenv_values(Path(started.folder) / "app.env", interpolate=False)
        access = dotenv_values(Path(started.target_file).with_suffix(".env"), interpolate=False)
        return cls(
            started,
            secrets_of(started),
            {name: value or "" for name, value in env.items()},
            {name: value or "" for name, value in access.items()},
        )

    @property
    def target_file(self) -> str:
        """Its target file."""
        return self.started.target_file

    @property
    def base_url(self) -> str:
        """The balancer."""
        return self.started.base_url

    @property
    def nodes(self) -> dict[str, str]:
        """API nodes by name."""
        return {name: url for name, url in self.started.urls.items() if name.startswith("api-")}

    @property
    def token(self) -> str:
        """A bearer token of the account `golive`."""
        return self.access["REFERENCE_API_TOKEN"]

    @property
    def webhook_password(self) -> str:
        """What notifications are signed with."""
        return self.access["REFERENCE_WEBHOOK_PASSWORD"]

    def process(self, role: str) -> ServerProcess:
        """One of its servers."""
        found = self.started.process(role)
        assert found is not None, f"there is no {role}"
        return found


@pytest.fixture(scope="session")
def deployment() -> Iterator[Reference]:
    """The reference deployment, started once for all tests that leave it as it is."""
    with reference_deployment(progress=print) as started:
        yield Reference.of(started)


@pytest.fixture
def own_deployment() -> Iterator[Reference]:
    """A reference deployment of one test alone, which may break it."""
    with reference_deployment(progress=print) as started:
        yield Reference.of(started)


@pytest.fixture(scope="session")
def production_env() -> dict[str, str]:
    """An environment that production accepts."""
    return {
        "APP_ENV": "production",
        "AWS_ACCESS_KEY_ID": "AKq3v9s8d7f6g5",
        "AWS_SECRET_ACCESS_KEY": "k3yQ-9fj2-vbn8-aa01",
        "AWS_BUCKET": "tether-uploads",
        "AWS_ENDPOINT": "http://127.0.0.1:1",
        "REDIS_PASSWORD": "r3dQ-9fj2-vbn8-aa01",
        "REDIS_PORT": "1",
        "REDIS_CACHE_PASSWORD": "c4cQ-9fj2-vbn8-aa01",
        "REDIS_CACHE_PORT": "2",
        "DB_PORT": "1",
        "DB_DATABASE": "tether",
        "DB_USERNAME": "tether",
        "DB_PASSWORD": "p0sQ-9fj2-vbn8-aa01",
        "EMP_API_PASSWORD": "Signature-pass-0123",
        "EMP_GATEWAY_URL": "https://gate.invalid",
        "EMP_TERMINAL_TOKEN": "t3rQ-9fj2-vbn8-aa01",
        "VOP_URL": "https://vop.invalid",
        "VOP_API_KEY": "v6pQ-9fj2-vbn8-aa01",
    }
