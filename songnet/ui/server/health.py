"""Whether the page answers songs: found out by having one answered."""

import asyncio
import logging
import time
from collections.abc import Callable
from typing import Protocol

from fastapi.responses import JSONResponse

# Each of them says what is wrong with a page; `fault` and `Health` give one.
QUEUE_STOPPED = "The queue has stopped, so that nobody's song is answered: start the page again."
NO_ANSWER = "A song of the page's own got no answer: start the page again if this lasts."

# The queue goes round many times a second. A process that is stopped for as long as this is ill.
_STILL_S = 60.0
_JOB_S = 60.0
# The last finding stands for so long: who asks often does not make more work.
_STANDS_S = 10.0
_LOG = logging.getLogger(__name__)


class Watched(Protocol):
    """What is looked at of `songnet.ui.server.fair_queue.FairQueue`."""

    stopped: bool
    last_turn: float


def fault(queue: Watched) -> str | None:
    """What is wrong with a queue, as a sentence; None if it hands out places."""
    if queue.stopped or time.monotonic() - queue.last_turn > _STILL_S:
        return QUEUE_STOPPED
    return None


class Health:
    """Answers `/health`.

    Parameters
    ----------
    job : function
        Has a song answered; raises if that fails.
    """

    def __init__(self, job: Callable[[], object]) -> None:
        self._job = job
        self._lock = asyncio.Lock()
        self._found: str | None = None
        self._when = -_STANDS_S

    async def answer(self, queue: Watched) -> JSONResponse:
        """``{"healthy": true}``, or 503 with one sentence."""
        async with self._lock:
            if time.monotonic() - self._when > _STANDS_S:
                self._found = fault(queue) or await self._try()
                self._when = time.monotonic()
        if self._found:
            return JSONResponse({"detail": self._found}, 503)
        return JSONResponse({"healthy": True})

    async def _try(self) -> str | None:
        # A decoder is kept free of visitors' songs for this: `songnet.serve`.
        try:
            await asyncio.wait_for(asyncio.to_thread(self._job), _JOB_S)
        except Exception as error:
            _LOG.warning("The page's own song got no answer: %r", error)
            return NO_ANSWER
        return None
