"""Finds the address of a client behind trusted proxies, and the name under which its requests are counted."""

import ipaddress
from functools import cache

from django.conf import settings
from django.http import HttpRequest

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
SOCKET = "unix"
"""Represents a proxy that connects through a Unix socket, which has no address."""


def client_address(request: HttpRequest) -> str:
    """Return the address of the client. Only the part of X-Forwarded-For that trusted proxies have written counts."""
    address = str(request.META.get("REMOTE_ADDR") or "")
    trusted = _trusted(tuple(settings.TRUSTED_PROXIES))
    if not _is_trusted(address, *trusted):
        return address or "0.0.0.0"  # noqa: S104 - of nobody, for the log of log-ins
    hops = [hop.strip() for hop in request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")]
    for hop in reversed(hops):
        if _parsed(hop) is None:
            break
        address = str(_parsed(hop))
        if not _is_trusted(address, *trusted):
            break
    return address or "0.0.0.0"  # noqa: S104


def counted_address(request: HttpRequest) -> str:
    """Return the address; for IPv6, the network that one subscriber has."""
    address = _parsed(client_address(request))
    if isinstance(address, ipaddress.IPv6Address):
        return str(ipaddress.ip_network((int(address), 64), strict=False))
    return str(address)


def login_address(request: HttpRequest) -> str:
    """Return the address for counting failed log-ins (AXES_CLIENT_IP_CALLABLE); for IPv6, the first of its network."""
    return counted_address(request).partition("/")[0]


def _parsed(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        address = ipaddress.ip_address(text.strip("[]"))
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address


def _is_trusted(text: str, networks: tuple[Network, ...], by_socket: bool) -> bool:
    address = _parsed(text)
    if address is None:
        return by_socket and not text
    return any(address in network for network in networks)


@cache
def _trusted(names: tuple[str, ...]) -> tuple[tuple[Network, ...], bool]:
    return tuple(ipaddress.ip_network(name) for name in names if name != SOCKET), SOCKET in names
