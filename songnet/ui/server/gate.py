"""Middleware in front of Gradio: only the page's own routes are open, within limits.

Gradio serves more than this page needs. It fetches addresses that a visitor names, keeps form
fields of any size in memory, and leaves on its disk the part of an upload that broke off.
"""

import asyncio
import logging
from typing import Any

import gradio as gr
from fastapi import Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from songnet.ui.server import gradio_patches, uploads

BUSY = "Too many songs are waiting at the moment: try again in a minute."
NO_ADDRESSES = "Songs are not fetched from other addresses: send the file itself."
NOT_UNDERSTOOD = "That cannot be answered: send an uploaded song, as the page and its API do."
TOO_MUCH = "That is too much at once: send fewer songs at a time."
TOO_SLOW = "Nothing came for a minute: send the file again."
_NO_FILE = "There is no such file here: reload the page."
_NO_PAGE = "There is no such page here: go back to the start."

# All files of one upload together, a call of a tool with its song, and any other request.
_UPLOAD_BYTES = 2 * 2**30
_TOOL_BYTES = 4 * 2**20
_BODY_BYTES = 2**20
# A sender from whom nothing comes for so long has gone, or keeps the connection busy on purpose.
_SILENCE_S = 60.0

_API = "/gradio_api/"
# Routes below that which the page and its API use. Among the others is `deep_link`, which writes
# files that are never deleted. `run` serves the buttons that need no queue.
_ROUTES = frozenset(
    {
        *("info", "openapi.json", "startup-events", "heartbeat", "theme.css", "app_id"),
        *("call", "queue", "run", "cancel", "reset", "upload", "upload_progress"),
    }
)
_LOG = logging.getLogger(__name__)


def app_options(tools: bool = False) -> dict[str, Any]:
    """Options of Gradio's server: this gate, and sentences for the errors behind it.

    Parameters
    ----------
    tools : bool
        Whether the route of `songnet.ui.server.song_tools` is open.

    Returns
    -------
    dict
        The argument ``app_kwargs`` of `gradio.Blocks.launch`.

    Raises
    ------
    PatchError
        If the names that SongNet replaces in Gradio are not replaced: serving would not be safe.
    """
    gradio_patches.check_applied()
    return {
        "middleware": [Middleware(Gate, tools=tools)],
        "exception_handlers": {
            503: _busy,
            RequestValidationError: _invalid,
            OSError: _disk_trouble,
        },
    }


class Gate:
    """Lets the requests of the page and its API through, and refuses all others.

    Parameters
    ----------
    app : ASGI application
    tools : bool
        Whether the route of `songnet.ui.server.song_tools` is open.
    """

    def __init__(self, app: ASGIApp, tools: bool = False) -> None:
        self._app = app
        self._tools = tools

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers a request with a refusal, or passes it on to Gradio."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        route = scope["path"].partition(_API)[2]
        if self._tools and route.rstrip("/") == "mcp":
            # A stream that Gradio would open for GET lasts, and nothing is ever sent on it.
            refused = None if scope["method"] == "POST" else _NO_METHOD
        else:
            refused = _refusal(route) if route else None
        if refused is not None:
            await refused(scope, receive, send)
            return
        most = {"upload": _UPLOAD_BYTES, "mcp": _TOOL_BYTES}.get(route.rstrip("/"), _BODY_BYTES)
        answer = _Answer(scope, receive, send)
        try:
            await self._app(scope, _limited(receive, most), answer.send)
        except ClientDisconnect:
            return
        # An unforeseen error is answered by one sentence, too.
        except Exception:
            _LOG.exception("answering %r", scope["path"][:200])
            if not answer.started:
                await _not_understood()(scope, receive, send)


class _Answer:
    """Passes an answer on; an answer of status 500 is replaced by a sentence."""

    def __init__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.started = False
        self._scope, self._receive, self._send = scope, receive, send
        self._replaced = False

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.started = True
            if message["status"] == 500:
                self._replaced = True
                await _not_understood()(self._scope, self._receive, self._send)
            # So that no browser shows an uploaded file as a page, even if it holds HTML.
            message["headers"] = [*message["headers"], (b"x-content-type-options", b"nosniff")]
        if not self._replaced:
            await self._send(message)


_NO_METHOD = JSONResponse({"detail": "Tools are called by POST: use an MCP client."}, 405)


def _refusal(route: str) -> JSONResponse | None:
    """The answer to a request that Gradio must not see; None for one that it may."""
    if route.startswith("file="):
        path = route.removeprefix("file=")
        if uploads.is_visitors_file(path):
            return None
        sentence = NO_ADDRESSES if ":" in path[:8] else _NO_FILE
        return JSONResponse({"detail": sentence}, 403)
    if route.partition("/")[0] in _ROUTES:
        return None
    return JSONResponse({"detail": _NO_PAGE}, 404)


def _limited(receive: Receive, most: int) -> Receive:
    """A `receive` that raises if a body has too many bytes, or if nothing comes for a minute."""
    received, complete = 0, False

    async def limited() -> Message:
        nonlocal received, complete
        if complete:
            # A client that waits for its answer sends nothing.
            return await receive()
        try:
            message = await asyncio.wait_for(receive(), _SILENCE_S)
        except TimeoutError as error:
            raise HTTPException(408, TOO_SLOW) from error
        complete = not message.get("more_body", False)
        received += len(message.get("body", b""))
        if received > most:
            raise HTTPException(413, TOO_MUCH)
        return message

    return limited


def error_payload(
    error: BaseException | None, show_error: bool
) -> dict[str, bool | str | float | None]:
    """What a visitor is shown of an error: a sentence of SongNet's, never details of the server.

    Replaces Gradio's function (`gradio_patches.ERROR_PAYLOAD`), and calls it to write the sentence.
    """
    if not isinstance(error, gr.Error):
        error = gr.Error(NOT_UNDERSTOOD, print_exception=False)
    return gradio_patches.ERROR_PAYLOAD.original()(error, show_error)


async def refuse_download(*_: object, **__: object) -> str:
    """Refuses to fetch an address; replaces Gradio's function that fetches it."""
    raise gr.Error(NO_ADDRESSES, print_exception=False)


def no_analytics_summary(*_: object, **__: object) -> dict[str, dict]:
    """An empty summary; replaces the queue's method that makes a table of the last 10,000 songs."""
    return {"functions": {}}


async def _invalid(_request: Request, _error: Exception) -> JSONResponse:
    return _not_understood()


def _not_understood() -> JSONResponse:
    return JSONResponse({"detail": NOT_UNDERSTOOD}, 400)


async def _busy(_request: Request, _error: Exception) -> JSONResponse:
    return JSONResponse({"detail": BUSY}, 503)


async def _disk_trouble(_request: Request, error: Exception) -> JSONResponse:
    if uploads.means_full_disk(error):
        return JSONResponse({"detail": uploads.NO_ROOM}, 507)
    raise error
