"""The light probe of a watch, at a door with a certificate of its own authority."""

import ssl
from pathlib import Path
from unittest.mock import MagicMock

import trustme

from golive.adapters.monitoring.probing import prober
from tests.conftest import healthy_service


def test_the_authority_of_the_target_is_trusted(tmp_path: Path) -> None:
    """A service that is well by its own certificate is not called down; without its authority it
    is not trusted.
    """
    authority, ca_file = trustme.CA(), tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(ca_file)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)

    with healthy_service(context) as url:
        known = prober(f"{url}/health", MagicMock(), lambda: 1.0, str(ca_file))()
        unknown = prober(f"{url}/health", MagicMock(), lambda: 1.0)()

    assert known.wrong == ""
    assert "certificate verify failed" in unknown.wrong
