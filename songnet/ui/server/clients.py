"""Who asks.

A client is an address; of IPv6, where everybody has many, the network of 64 bits. Behind a proxy
it is the address that the proxy forwards, and nobody else's word for it counts.
"""

import ipaddress
import secrets
from collections.abc import Iterable

from starlette.types import Scope

# The key under which the gate writes the client into a request's scope.
_CLIENT = "songnet.client"
# The tools ask the page's own API on behalf of their caller, and say so by this header. Nobody else
# knows the word.
_ON_BEHALF = b"x-songnet-client"
_WORD = secrets.token_urlsafe()
# Headers by which a proxy says who asks, and under which address the page is known.
_FORWARDED = ("x-forwarded-", "forwarded", "x-real-ip", "x-gradio-server")


class Proxies:
    """The proxies whose word on a visitor is believed.

    Parameters
    ----------
    networks : iterable of str
        Addresses or networks.
    """

    def __init__(self, networks: Iterable[str] = ()) -> None:
        self._networks = [ipaddress.ip_network(network) for network in networks]

    def __contains__(self, host: object) -> bool:
        try:
            address = ipaddress.ip_address(str(host))
        except ValueError:
            return False
        return any(address in network for network in self._networks)


def client_of(scope: Scope) -> str:
    """The client of a request, as `set_client` wrote it."""
    return scope.get(_CLIENT, "")


def set_client(scope: Scope, client: str) -> None:
    """Writes into a request's scope whose it is."""
    scope[_CLIENT] = client


def internal_client(scope: Scope) -> str | None:
    """On whose behalf the page's own tools ask; None if it is not they who ask."""
    for name, value in scope["headers"]:
        if name == _ON_BEHALF:
            word, _, client = value.decode("latin-1").partition(" ")
            if secrets.compare_digest(word.encode(), _WORD.encode()):
                return client
    return None


def set_internal_client(scope: Scope) -> None:
    """Lets what a tool asks of the page count as its caller's."""
    headers = [header for header in scope["headers"] if header[0] != _ON_BEHALF]
    scope["headers"] = [*headers, (_ON_BEHALF, f"{_WORD} {client_of(scope)}".encode("latin-1"))]


def client_of_address(host: str) -> str:
    """The client to which an address belongs; what is no address stands for itself, cut short."""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return host[:64]
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped:
            return str(address.ipv4_mapped)
        return str(ipaddress.ip_network((address, 64), strict=False))
    return str(address)


def without_forwarded(headers: Iterable[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    """The headers of a request without those that are a proxy's to set."""
    return [
        (name, value)
        for name, value in headers
        if not name.decode("latin-1").startswith(_FORWARDED)
    ]
