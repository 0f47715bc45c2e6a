"""Decides where `make run` listens: address and port, and the names under which other computers reach it."""

import errno
import fcntl
import ipaddress
import os
import socket
import struct
from dataclasses import dataclass

from config import environment

THIS_COMPUTER = "127.0.0.1"
SIOCGIFADDR = 0x8915  # Linux: the IPv4 address of a network interface


class ListeningError(Exception):
    """Says that the site cannot listen on its endpoint; the message says what to do."""


@dataclass(frozen=True)
class Endpoint:
    """An address of this computer, or 0.0.0.0 for all its addresses, with a port."""

    host: str
    port: int

    @property
    def is_open(self) -> bool:
        """Return whether other computers reach it."""
        return not ipaddress.ip_address(self.host).is_loopback

    @property
    def bind(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    @property
    def address(self) -> str:
        """Return the address by which a browser on this computer opens the site."""
        everywhere = ipaddress.ip_address(self.host).is_unspecified
        return f"http://{Endpoint(THIS_COMPUTER, self.port).bind if everywhere else self.bind}/"

    def hosts(self) -> list[str]:
        """Return the names and addresses under which other computers reach the site."""
        if not ipaddress.ip_address(self.host).is_unspecified:
            return [self.host]
        return [*_own_addresses(), socket.gethostname()]


def endpoint() -> Endpoint:
    """Return the endpoint in HOST and PORT. Raises ListeningError if it cannot be used."""
    host = os.environ.get("HOST", "").strip() or THIS_COMPUTER
    if host == "localhost":
        host = THIS_COMPUTER
    try:
        ipaddress.ip_address(host)
    except ValueError:
        raise ListeningError(
            f"HOST must be an address of this computer, or 0.0.0.0 for all of them, not {host!r}.\n"
            "HOST 须为本机的 IP 地址；0.0.0.0 表示本机全部地址。"
        ) from None
    port = environment.number("PORT", 8000)
    if not 0 < port < 65536:
        raise ListeningError(f"PORT must be between 1 and 65535, not {port}. PORT 须在 1 至 65535 之间。")
    problem = _problem(host, port)
    if problem is None:
        return Endpoint(host, port)
    if problem.errno == errno.EADDRNOTAVAIL:
        raise ListeningError(
            f"{host} is no address of this computer: it has {', '.join(_own_addresses()) or THIS_COMPUTER}.\n"
            f"{host} 不是本机的地址。"
        )
    other = next((p for p in range(max(port + 1, 1025), 65536) if _problem(host, p) is None), 8001)
    again = f"PORT={other} make {'practice' if environment.flag('REGISTRY_PRACTICE') else 'run'}"
    raise ListeningError(
        f"Port {port} cannot be used ({problem.strerror}). Take another one: {again}\n"
        f"端口 {port} 不可用，请改用其他端口：{again}"
    )


def allow_hosts(wanted: Endpoint) -> None:
    """Allow the names of the site in the network as hosts, unless hosts are set.

    Call it before the settings are loaded.
    """
    if wanted.is_open and not environment.production():
        names = ["localhost", THIS_COMPUTER, "[::1]", *(f"[{h}]" if ":" in h else h for h in wanted.hosts())]
        os.environ.setdefault("REGISTRY_ALLOWED_HOSTS", ",".join(names))


def _problem(host: str, port: int) -> OSError | None:
    """Return the error that keeps the site from listening there; None if it can."""
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            return error
    return None


def _own_addresses() -> list[str]:
    """Return the IPv4 address of each network interface that has one, without the loopback address."""
    found = []
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        for _number, name in socket.if_nameindex():
            try:
                answer = fcntl.ioctl(probe, SIOCGIFADDR, struct.pack("256s", name.encode()[:15]))
            except OSError:  # it has none
                continue
            address = socket.inet_ntoa(answer[20:24])
            if not address.startswith("127."):
                found.append(address)
    return found
