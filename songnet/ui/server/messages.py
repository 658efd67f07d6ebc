"""What waits to be told to one session: how much it is, and since when."""

import asyncio
import time
from collections import deque
from typing import Any

import orjson
from gradio.server_messages import ProcessCompletedMessage


class Messages(asyncio.Queue):
    """A session's messages that nobody has fetched yet.

    Attributes
    ----------
    size : int >= 0 [bytes]
        Of all of them, as they would be sent.
    """

    def _init(self, maxsize: int) -> None:
        super()._init(maxsize)  # pyright: ignore[reportAttributeAccessIssue]
        self.size = 0
        # When each message came, and its size.
        self._notes: deque[tuple[float, int]] = deque()

    def _put(self, item: Any) -> None:
        size = _size(item)
        super()._put(item)  # pyright: ignore[reportAttributeAccessIssue]
        self._notes.append((time.monotonic(), size))
        self.size += size

    def _get(self) -> Any:
        _, size = self._notes.popleft()
        self.size -= size
        return super()._get()  # pyright: ignore[reportAttributeAccessIssue]

    def drop_older(self, than: float) -> list[str]:
        """Drops the messages that came before a time, and names the events whose answers they were.

        Parameters
        ----------
        than : float [s]
            On the monotonic clock.
        """
        answered = []
        while self._notes and self._notes[0][0] < than:
            message = self.get_nowait()
            if isinstance(message, ProcessCompletedMessage):
                answered.append(message.event_id)
        return answered


def _size(message: Any) -> int:
    content = message.model_dump()
    try:
        return len(orjson.dumps(content, default=str, option=orjson.OPT_NON_STR_KEYS))
    except TypeError:
        # That it is no JSON is told when it is sent.
        return len(str(content))


class MessagesOfSessions(dict[str, Messages]):
    """The messages of each session; whatever queue Gradio would put there, it is `Messages`."""

    def __setitem__(self, session: str, _queue: object) -> None:
        super().__setitem__(session, Messages())
