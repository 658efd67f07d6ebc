"""Who asks, and how much each client may have at once.

A client is an address; of IPv6, where everybody has many, the network of 64 bits. Behind a proxy
it is the address that the proxy forwards, and nobody else's word for it counts.
"""

import asyncio
import ipaddress
import secrets
import time
from collections import Counter, deque
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager

from starlette.types import Scope

BUSY_CLIENT = "Too much comes from your address at the moment: try again in a minute."

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


class Places:
    """So many at once for each client and in all; who finds none free waits for a turn.

    To be used in one event loop.

    Parameters
    ----------
    each : int > 0
        Most places of one client.
    total : int > 0
    patience_s : float > 0 [s]
        After so long a wait there is no place.
    """

    def __init__(self, each: int, total: int, patience_s: float = 30.0) -> None:
        self._each, self._total, self._patience_s = each, total, patience_s
        self._taken: Counter[str] = Counter()
        self._waiting: deque[tuple[str, asyncio.Future[None]]] = deque()

    @property
    def taken(self) -> int:
        """How many places are taken."""
        return self._taken.total()

    @asynccontextmanager
    async def place(self, client: str) -> AsyncIterator[bool]:
        """A place for a ``with`` block.

        Yields
        ------
        bool
            Whether there was one.
        """
        if not await self._take(client):
            yield False
            return
        try:
            yield True
        finally:
            self._give_back(client)

    def _has_room(self, client: str) -> bool:
        return self._taken[client] < self._each and self._taken.total() < self._total

    async def _take(self, client: str) -> bool:
        if self._has_room(client):
            self._taken[client] += 1
            return True
        turn = asyncio.get_running_loop().create_future()
        entry = (client, turn)
        self._waiting.append(entry)
        try:
            await asyncio.wait_for(asyncio.shield(turn), self._patience_s)
            return True
        except TimeoutError:
            return False
        except asyncio.CancelledError:
            if turn.done():
                self._give_back(client)
            raise
        finally:
            if not turn.done():
                self._waiting.remove(entry)

    def _give_back(self, client: str) -> None:
        self._taken[client] -= 1
        if not self._taken[client]:
            del self._taken[client]
        for entry in list(self._waiting):
            other, turn = entry
            if self._has_room(other):
                self._waiting.remove(entry)
                self._taken[other] += 1
                turn.set_result(None)


class Rate:
    """So many requests a second of each client; who asks faster waits.

    To be used in one event loop.

    Parameters
    ----------
    burst : int > 0
        So many at once, after a time without any.
    a_second : float > 0
    patience_s : float > 0 [s]
        Who would wait for longer is refused.
    """

    def __init__(self, burst: int, a_second: float, patience_s: float = 30.0) -> None:
        self._step_s, self._patience_s = 1 / a_second, patience_s
        self._burst_s = burst / a_second
        # When each client's requests so far would have been done at this rate.
        self._done: dict[str, float] = {}

    async def wait(self, client: str) -> bool:
        """Waits until a client may ask; False if that would take too long."""
        now = time.monotonic()
        if client not in self._done:
            self._done = {other: done for other, done in self._done.items() if done > now}
        done = max(now, self._done.get(client, now)) + self._step_s
        wait_s = done - self._burst_s - now
        if wait_s > self._patience_s:
            return False
        self._done[client] = done
        if wait_s > 0:
            await asyncio.sleep(wait_s)
        return True


class Kept:
    """How much of something each client has sent lately.

    Parameters
    ----------
    most : int > 0
        Of one client.
    seconds : float > 0 [s]
        What was sent longer ago does not count.
    """

    def __init__(self, most: int, seconds: float) -> None:
        self._most, self._seconds = most, seconds
        # The client and the amount of each time, and their sums.
        self._sent: deque[tuple[float, str, int]] = deque()
        self._sums: Counter[str] = Counter()

    def add(self, client: str, amount: int) -> bool:
        """Notes an amount, and says whether the client may have it; what it may not is not noted.

        Parameters
        ----------
        client : str
        amount : int >= 0

        Returns
        -------
        bool
        """
        now = time.monotonic()
        while self._sent and self._sent[0][0] < now - self._seconds:
            _, other, old = self._sent.popleft()
            self._sums[other] -= old
            if not self._sums[other]:
                del self._sums[other]
        if self._sums[client] + amount > self._most:
            return False
        if amount:
            self._sent.append((now, client, amount))
            self._sums[client] += amount
        return True
