"""A whole run against a service that answers with an attack, and its report in a real browser."""

import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

ATTACK = '"><script>alert(1)</script><img src=https://evil.example/x onerror=alert(1)>'
CHANNELS = ("header", "target file")
TOKEN, PASSWORD, OTHER = "token-8d1f4a2b7c", "password-5e9d3c1a70", "other-token-41be07"

ONLY = (
    "smoke,audit.header_server,contract.hostile_forms,contract.hostile_files,"
    "contract.server_errors,contract.media_types"
)

TARGET = f"""
[uploads]
create = "POST /files"
status = "GET /files/{{id}}"
download = "GET /files/{{id}}/raw"
token_env = "TOKEN"
[webhook]
path = "/hook"
password_env = "PASSWORD"
[contract]
other_token_env = "OTHER"
[target.left_out]
proxy = 'target file {ATTACK}'
"""


class _Hostile(BaseHTTPRequestHandler):
    """Every answer but that of the health check is an attack, and repeats what the caller sent."""

    def _answer(self) -> None:
        well = self.path == "/health"
        length = self.headers.get("Content-Length", "0")
        sent = self.rfile.read(min(int(length), 4096)) if length.isdigit() else b""
        said = f"body {ATTACK} {self.path} {self.headers}".encode("utf-8", "replace") + sent
        self.send_response_only(200 if well else 500, None if well else ATTACK)
        self.send_header("Content-Type", "text/html")
        self.send_header("X-Request-ID", ATTACK)
        self.send_header("Server", f"nginx/1.2.3 header {ATTACK}")
        self.send_header("Location", f"javascript:alert(1)//{ATTACK}")
        self.send_header("Content-Disposition", f'attachment; filename="{ATTACK}.csv"')
        self.send_header("Content-Length", str(len(said)))
        self.end_headers()
        # Some callers are gone by now: that is what they are there for.
        with suppress(BrokenPipeError, ConnectionResetError):
            self.wfile.write(said)

    def log_message(self, *_arguments: object) -> None:
        """Say nothing."""


for _method in ("GET", "POST", "PUT", "DELETE", "HEAD", "OPTIONS", "PATCH", "TRACE"):
    setattr(_Hostile, f"do_{_method}", _Hostile._answer)


@pytest.fixture
def hostile_url() -> Iterator[str]:
    """Address of that service on loopback."""
    with ThreadingHTTPServer(("127.0.0.1", 0), _Hostile) as serving:
        serving.daemon_threads = True
        thread = threading.Thread(target=serving.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield f"http://127.0.0.1:{serving.server_port}"
        serving.shutdown()
        thread.join()


def test_a_run_full_of_attacks_is_only_read(
    golive,
    hostile_url: str,
    write_target: Callable[..., Path],
    look: Callable[..., Any],
    window: Callable[..., object],
    tmp_path: Path,
) -> None:
    """Its page shows what the service said, as text: no script runs, no request leaves, nothing
    sticks out, and of the secrets that it was told none is on the page or in any file.
    """
    target = write_target(hostile_url, TARGET, allow=["smoke", "contract", "audit"])
    secrets = {"TOKEN": TOKEN, "PASSWORD": PASSWORD, "OTHER": OTHER}
    words = ("run", target, "--only", ONLY, "--out", tmp_path / "runs")
    ran = golive(*words, cwd=tmp_path, env=secrets)
    assert ran.returncode == 1, ran.stderr
    (folder,) = (tmp_path / "runs").iterdir()

    for width, height in ((360, 740), (1280, 900)):
        seen = look(folder / "report.html", window(width=width, height=height, unfolded=True))
        assert seen.dialogs == []
        assert [address.partition(":")[0] for address in seen.requests] == ["file"]
        assert seen.complaints == []
        assert seen.measures["scripts"] == 0
        assert seen.measures["scroll"] <= width
        text = seen.measures["text"]
        for channel in CHANNELS:
            assert f'{channel} "><script>alert(1)</script>' in text, channel
    # Bodies and names of files are no part of the page; that they were part of the run is written.
    assert "onerror=alert(1)>.csv" in (folder / "operations.ndjson").read_text()
    files = [path for path in folder.rglob("*") if path.is_file()]
    told = "".join(path.read_text(errors="replace") for path in files) + ran.stderr + ran.stdout
    assert not [secret for secret in (TOKEN, PASSWORD, OTHER) if secret in told]
    assert folder.stat().st_mode & 0o077 == 0
