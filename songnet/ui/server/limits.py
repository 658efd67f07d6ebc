"""How much each client may have: at once, in a second, and in an hour."""

import asyncio
import time
from collections import Counter, deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

# Into which the time is divided in which something counts.
_SLOTS = 60
BUSY_CLIENT = "Too much comes from your address at the moment: try again in a minute."


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
            # It may have been given just then.
            return turn.done()
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
        What was sent longer ago does not count, to a sixtieth of this.
    """

    def __init__(self, most: int, seconds: float) -> None:
        self._most, self._slot_s = most, seconds / _SLOTS
        # The amount of each slot of time and client, the oldest first, and each client's sum: who
        # sends a byte at a time must not fill the memory with what is noted of it.
        self._sent: dict[tuple[int, str], int] = {}
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
        slot = int(time.monotonic() / self._slot_s)
        while self._sent and (oldest := next(iter(self._sent)))[0] < slot - _SLOTS:
            _, other = oldest
            self._sums[other] -= self._sent.pop(oldest)
            if not self._sums[other]:
                del self._sums[other]
        if self._sums[client] + amount > self._most:
            return False
        if amount:
            self._sent[slot, client] = self._sent.get((slot, client), 0) + amount
            self._sums[client] += amount
        return True
