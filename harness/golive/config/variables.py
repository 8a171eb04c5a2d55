"""What a tracker needs of the environment: a token, an address, a name to export into."""

import ipaddress
import os
from collections.abc import Mapping, Sequence
from urllib.parse import urlsplit

from golive.config.secrets import register
from golive.errors import ConfigurationError
from golive.model.tracker import Variable


def read_variables(
    title: str, wanted: Sequence[Variable], given: Mapping[str, str]
) -> dict[str, str]:
    """Variable -> value: as given by an option, from the environment, or the default.

    Secrets are never given by an option, and are registered. Raises ConfigurationError naming all
    that are missing.
    """
    values = {
        one.name: given.get(one.name) or os.environ.get(one.name, "").strip() or one.default
        for one in wanted
    }
    missing = [one for one in wanted if not values[one.name] and not one.optional]
    if missing:
        raise ConfigurationError(
            f"{title}: not set: {', '.join(f'{one.name} ({one.meaning})' for one in missing)}",
            remedy=f"Set it first: {' '.join(f'export {one.name}=…' for one in missing)}",
        )
    for one in wanted:
        if one.secret:
            register(values[one.name])
    return values


def require_private(address: str) -> None:
    """A token is not sent in the clear, except to this machine. Raises ConfigurationError."""
    try:
        parts = urlsplit(address)
        host = parts.hostname or ""
    except ValueError:
        parts, host = None, ""
    if parts is None or not host or parts.scheme not in ("http", "https"):
        raise ConfigurationError(f"{address!r} is no address", remedy="As in https://host/path")
    if parts.scheme == "http" and not _is_loopback(host):
        raise ConfigurationError(
            f"{address}: a token is not sent without TLS", remedy="Name an https:// address."
        )


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
