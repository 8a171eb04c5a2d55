"""A deployment that is entered by https, with a certificate of its own authority."""

import json
import re
import socket
import ssl
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

from golive.adapters.deployments import reference_deployment
from golive.adapters.tls import trusting
from golive.model.deployment import Deployment


@pytest.fixture(scope="module")
def secure() -> Iterator[Deployment]:
    """One that all tests of this file leave as it is."""
    with reference_deployment(tls=True, progress=print) as deployment:
        yield deployment


@pytest.fixture
def authority(secure) -> str:
    """The file that its target file names."""
    return str(Path(secure.folder) / "data/nginx/ca.pem")


def test_smoke_goes_through_https(golive, secure, tmp_path) -> None:
    """The target file says whom to trust, and the whole smoke suite holds."""
    run = golive("smoke", secure.target_file, "--out", tmp_path, cwd=tmp_path)

    assert run.returncode == 0, run.stdout + run.stderr
    (verdict,) = tmp_path.glob("*/verdict.json")
    findings = json.loads(verdict.read_text())["findings"]
    assert findings
    assert {one["outcome"] for one in findings} == {"PASS"}


def test_who_does_not_know_the_authority_does_not_trust_it(secure) -> None:
    """Without the file the very same request fails."""
    with pytest.raises(httpx.ConnectError, match="CERTIFICATE_VERIFY_FAILED"):
        httpx.get(f"{secure.base_url}/health", trust_env=False)


def test_browsers_are_told_to_come_by_tls_only(secure, authority) -> None:
    """Also by what nginx answers by itself, which shows its request id once."""
    with httpx.Client(verify=trusting(authority), trust_env=False) as client:
        for path in ("/health", "/metrics", "/api/uploads"):
            answer = client.get(f"{secure.base_url}{path}")
            assert answer.headers["Strict-Transport-Security"] == "max-age=31536000"
            assert len(answer.headers.get_list("X-Request-ID")) == 1
            assert answer.headers.get_list("X-Content-Type-Options") == ["nosniff"]


@pytest.mark.parametrize(
    "version, spoken",
    [
        (ssl.TLSVersion.TLSv1_1, False),
        (ssl.TLSVersion.TLSv1_2, True),
        (ssl.TLSVersion.TLSv1_3, True),
    ],
)
@pytest.mark.filterwarnings("ignore:ssl.TLSVersion.TLSv1_1 is deprecated")
def test_only_versions_that_are_not_broken_are_spoken(secure, authority, version, spoken) -> None:
    """TLS 1.1 is refused by the server, with a client that would speak it; HTTP/2 is offered."""
    context = trusting(authority)
    # At the usual level of OpenSSL the client itself would refuse.
    context.set_ciphers("ALL:@SECLEVEL=0")
    context.minimum_version = context.maximum_version = version
    context.set_alpn_protocols(["h2", "http/1.1"])
    address = urlsplit(secure.base_url)
    with socket.create_connection((address.hostname, address.port), 5) as plain:
        if not spoken:
            with pytest.raises(ssl.SSLError):
                context.wrap_socket(plain, server_hostname=address.hostname)
            return
        with context.wrap_socket(plain, server_hostname=address.hostname) as secured:
            assert secured.selected_alpn_protocol() == "h2"


def test_in_the_clear_there_are_challenges_and_the_way_to_https(secure) -> None:
    """A POST stays a POST; a challenge of the certificate authority is answered as it is."""
    home = Path(secure.folder) / "data/nginx"
    (plain, _) = re.findall(r"listen (\S+?)(?: ssl http2)?;", (home / "nginx.conf").read_text())
    challenge = home / "challenges/.well-known/acme-challenge/token"
    challenge.parent.mkdir(parents=True, exist_ok=True)
    challenge.write_text("what the authority asked for")

    moved = httpx.post(f"http://{plain}/api/webhooks/emp?a=b", trust_env=False)
    kept = httpx.get(f"http://{plain}/.well-known/acme-challenge/token", trust_env=False)

    assert moved.status_code == 308
    assert moved.headers["Location"] == "https://127.0.0.1/api/webhooks/emp?a=b"
    assert (kept.status_code, kept.text) == (200, "what the authority asked for")
