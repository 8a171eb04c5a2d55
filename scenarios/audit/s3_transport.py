"""Keys and files pass there."""

from collections.abc import Iterator
from socket import gethostbyname
from urllib.parse import urlsplit

from golive.api import Capability, Gate, Setting, Who, every, private, scenario


def is_safe(setting: Setting) -> str:
    """https, or an address that leads nowhere outside."""
    address = urlsplit(str(setting.value))
    if address.scheme == "https":
        return ""
    return private(Setting(setting.place, "host", address.hostname))


@scenario(
    needs=[Capability.S3],
    evidence=Setting,
    check=every(is_safe),
    remediation="Give the store a certificate and an https:// endpoint.",
)
def s3_transport(gate: Gate) -> Iterator[Setting]:
    """The way to the store is encrypted, or is loopback or private."""
    section = gate.target.observe.s3
    reply = gate.audit.bucket.word(Who.STRANGER, "HEAD")
    endpoint = urlsplit(section.endpoint if section else "")
    # A name of the private network is as good as its address.
    address = gethostbyname(endpoint.hostname or "")
    yield Setting(reply.place, "endpoint", f"{endpoint.scheme}://{address}")
