"""Where notifications may come from. Status and amount are not signed, so the sender counts too."""

from collections.abc import Sequence
from ipaddress import IPv4Network, IPv6Network, ip_address

Network = IPv4Network | IPv6Network


def client_address(peer: str, real_ip: str, trusted_proxies: Sequence[Network]) -> str:
    """The address of the caller: what a trusted proxy says it is (its X-Real-IP), else the peer."""
    return real_ip if real_ip and is_within(peer, trusted_proxies) else peer


def is_within(address: str, networks: Sequence[Network]) -> bool:
    """Whether the address lies in one of the networks; what is no address lies in none."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return False
    return any(parsed in network for network in networks)
