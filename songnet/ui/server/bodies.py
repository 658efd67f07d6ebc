"""Bodies of requests: how long they may be, and how long they may take."""

import asyncio
import time
from collections.abc import Callable
from functools import partial
from typing import Any

from starlette.exceptions import HTTPException
from starlette.types import Message, Receive, Scope

from songnet.ui.server.answers import TOO_MUCH
from songnet.ui.server.inputs import RequestError

TOO_SLOW = "Nothing came for a minute: send the file again."

# A sender from whom nothing comes for so long has gone, or keeps the connection busy on purpose.
SILENCE_S = 60.0
# So does one from whom, after a minute, less has come than the slowest telephone sends.
_SLOWEST_BYTES_A_S = 16 * 2**10
# What an upload announces is kept free for it, but not for ever.
LONGEST_S = 1_800.0
# A body that is no upload fits into a few packets.
WHOLE_S = 20.0


def announced(scope: Scope) -> int | None:
    """The length that a request's head states; None if it states none."""
    for name, value in scope["headers"]:
        if name == b"content-length":
            return int(value)
    return None


def limited(receive: Receive, most: int, take: Callable[[int], None] | None = None) -> Receive:
    """A `receive` that raises if a body is too long, or comes too slowly.

    Parameters
    ----------
    receive : ASGI's
    most : int >= 0 [bytes]
    take : function or None
        Called with the number of bytes that have come, before they are passed on.
    """
    received, complete, started = 0, False, time.monotonic()

    async def limited_receive() -> Message:
        nonlocal received, complete
        if complete:
            # A client that waits for its answer sends nothing.
            return await receive()
        try:
            message = await asyncio.wait_for(receive(), SILENCE_S)
        except TimeoutError as error:
            raise HTTPException(408, TOO_SLOW) from error
        complete = not message.get("more_body", False)
        size = len(message.get("body", b""))
        received += size
        if received > most:
            raise HTTPException(413, TOO_MUCH)
        may_take_s = min(LONGEST_S, SILENCE_S + received / _SLOWEST_BYTES_A_S)
        if time.monotonic() - started > may_take_s:
            raise HTTPException(408, TOO_SLOW)
        if take is not None and size:
            take(size)
        return message

    return limited_receive


async def whole(receive: Receive, most: int) -> bytes:
    """A whole body.

    Parameters
    ----------
    receive : ASGI's
    most : int > 0 [bytes]

    Raises
    ------
    RequestError
        If it is longer, does not come in time, or breaks off.
    """
    parts: list[bytes] = []
    size, more = 0, True
    try:
        async with asyncio.timeout(WHOLE_S):
            while more:
                message = await receive()
                if message["type"] == "http.disconnect":
                    raise RequestError
                parts.append(message.get("body", b""))
                size += len(parts[-1])
                if size > most:
                    raise RequestError(TOO_MUCH, 413)
                more = message.get("more_body", False)
    except TimeoutError as error:
        raise RequestError(TOO_SLOW, 408) from error
    return b"".join(parts)


def with_length(scope: Scope, body: bytes) -> Scope:
    """The scope of a request that has another body than it came with."""
    lengths = (b"content-length", b"transfer-encoding", b"content-type")
    headers = [header for header in scope["headers"] if header[0] not in lengths]
    headers += [
        (b"content-length", str(len(body)).encode()),
        (b"content-type", b"application/json"),
    ]
    return {**scope, "headers": headers}


def replayed(body: bytes, receive: Receive) -> Receive:
    """A `receive` that gives a body that was read, and then what comes after it."""
    sent = False

    async def replayed_receive() -> Message:
        nonlocal sent
        if sent:
            return await receive()
        sent = True
        return {"type": "http.request", "body": body, "more_body": False}

    return replayed_receive


def later(seconds: float) -> Callable[..., Any]:
    """What calls a function with its arguments in so many seconds."""
    return partial(asyncio.get_running_loop().call_later, seconds)
