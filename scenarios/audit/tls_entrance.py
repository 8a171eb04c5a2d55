"""Tokens and accounts pass there."""

from collections.abc import Iterator
from ipaddress import ip_address
from urllib.parse import urlsplit

from golive.api import Capability, Gate, Setting, every, scenario


def is_safe(setting: Setting) -> str:
    """https, or loopback."""
    address = urlsplit(str(setting.value))
    return "" if address.scheme == "https" or _is_loopback(address.hostname) else "must be https"


def _is_loopback(host: str | None) -> bool:
    try:
        return host == "localhost" or ip_address(host or "").is_loopback
    except ValueError:
        return False


@scenario(
    needs=[Capability.HTTP],
    evidence=Setting,
    check=every(is_safe),
    remediation="Give the balancer a certificate and an https:// base_url.",
)
def tls_entrance(gate: Gate) -> Iterator[Setting]:
    """The balancer speaks TLS, or is reached on this machine only."""
    gate.http.request("GET", gate.url(gate.target.target.health))
    yield Setting("target file", "base_url", gate.target.target.base_url)
