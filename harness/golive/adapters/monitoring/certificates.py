"""Certificates, read whether or not they are trusted: an expired one is what is looked for."""

import socket
import ssl
from datetime import UTC, datetime

from cryptography import x509

from golive.model.monitoring.ports import Certificate

TIMEOUT_SECONDS = 5.0
DAY_SECONDS = 86_400.0


def certificate_at(host: str, port: int) -> Certificate:
    """The certificate that a server shows."""
    address = f"{host}:{port}"
    try:
        shown = _shown(host, port)
    except OSError as error:
        return Certificate(address, 0.0, "", str(error))
    if shown is None:
        return Certificate(address, 0.0, "", "it shows no certificate")
    certificate = x509.load_der_x509_certificate(shown)
    left = certificate.not_valid_after_utc - datetime.now(UTC)
    subject = certificate.subject.rfc4514_string()
    return Certificate(address, round(left.total_seconds() / DAY_SECONDS, 3), subject)


def _shown(host: str, port: int) -> bytes | None:
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    with (
        socket.create_connection((host, port), timeout=TIMEOUT_SECONDS) as plain,
        context.wrap_socket(plain, server_hostname=host) as secured,
    ):
        return secured.getpeercert(binary_form=True)
