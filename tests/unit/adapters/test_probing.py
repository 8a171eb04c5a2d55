"""The light probe of a watch, at a door with a certificate of its own authority."""

import ssl
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import SimpleNamespace
from unittest.mock import MagicMock

import pytest
import trustme

from golive.adapters.monitoring.probing import prober


class _Well(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        """It is well."""
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_arguments: object) -> None:
        """Say nothing."""


@pytest.fixture
def door(tmp_path: Path) -> Iterator[SimpleNamespace]:
    """An https:// address that is well, and the file of its authority."""
    authority = trustme.CA()
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    with ThreadingHTTPServer(("127.0.0.1", 0), _Well) as serving:
        serving.daemon_threads = True
        serving.socket = context.wrap_socket(serving.socket, server_side=True)
        thread = threading.Thread(target=serving.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        url = f"https://127.0.0.1:{serving.server_port}"
        yield SimpleNamespace(url=url, ca_file=str(tmp_path / "ca.pem"))
        serving.shutdown()
        thread.join()


def test_the_authority_of_the_target_is_trusted(door: SimpleNamespace) -> None:
    """A service that is well by its own certificate is not called down; without its authority it
    is not trusted.
    """
    known = prober(door.url, MagicMock(), lambda: 1.0, door.ca_file)()
    unknown = prober(door.url, MagicMock(), lambda: 1.0)()

    assert known.wrong == ""
    assert "certificate verify failed" in unknown.wrong
