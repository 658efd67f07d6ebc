"""How much of the places each client used, lately."""

import math
import time

# What a client used counts for so long (to a third).
_MEMORY_S = 60.0


class Usage:
    """Seconds of places that clients used; what is long ago counts less."""

    def __init__(self) -> None:
        # Seconds, and when they were last brought up to date.
        self._used: dict[str, tuple[float, float]] = {}
        # When an event began, or went on, to use a place.
        self._since: dict[str, float] = {}

    def begin(self, event_id: str) -> None:
        """Notes that an event uses a place from now on."""
        self._since[event_id] = time.monotonic()

    def end(self, event_id: str, client: str) -> None:
        """Charges a client for the place that an event has used; a second call changes nothing."""
        now, since = time.monotonic(), self._since.pop(event_id, None)
        if since is not None:
            self._used[client] = (self.seconds(client) + now - since, now)

    def is_used_by(self, event_id: str) -> bool:
        """Whether an event uses a place now."""
        return event_id in self._since

    def seconds(self, client: str) -> float:
        """How long a client used places [s]."""
        seconds, when = self._used.get(client, (0.0, 0.0))
        return seconds * math.exp((when - time.monotonic()) / _MEMORY_S)

    def forget(self) -> None:
        """Forgets the clients whose use counts for nothing by now."""
        for client in [client for client in self._used if self.seconds(client) < 0.01]:
            del self._used[client]
