"""Older versions are broken."""

from collections.abc import Iterator
from urllib.parse import urlsplit

from golive.api import Capability, Gate, Setting, UnobservableError, every, scenario

OLD = {"SSLv2", "SSLv3", "TLSv1", "TLSv1.1"}


def speaks_no_old_one(setting: Setting) -> str:
    """Before 1.23 nginx's own default has 1.0 and 1.1 in it: it must be said."""
    if not setting.value:
        return "must be set"
    return "must hold no old version" if OLD & set(str(setting.value or "").split()) else ""


@scenario(
    needs=[Capability.HTTP],
    requires=["audit.nginx_config"],
    evidence=Setting,
    check=every(speaks_no_old_one),
    remediation="Set ssl_protocols TLSv1.2 TLSv1.3.",
)
def tls_version(gate: Gate) -> Iterator[Setting]:
    """The balancer speaks TLS 1.2 or newer only."""
    address = urlsplit(gate.target.target.base_url)
    if address.scheme != "https":
        raise UnobservableError(gate.target.target.base_url, "there is no TLS to look at")
    yield from gate.audit.files.nginx("ssl_protocols")
