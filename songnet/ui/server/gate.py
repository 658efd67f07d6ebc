"""What stands between a stranger and Gradio: only the page's own routes, within limits.

Gradio serves more than this page needs. It fetches addresses that a visitor names, keeps form
fields of any size in memory, and leaves on its disk the part of an upload that broke off.
"""

import asyncio
import contextlib
import errno
import logging
import math
import os
import shutil
import time
from pathlib import Path

import gradio as gr
from fastapi import Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from gradio import processing_utils, queueing, route_utils, utils
from gradio.utils import get_upload_folder
from starlette.exceptions import HTTPException
from starlette.formparsers import MultiPartException
from starlette.middleware import Middleware
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from songnet.settings import limit

BUSY = "Too many songs are waiting at the moment: try again in a minute."
NO_ROOM = "The server has no room for more songs at the moment: try again in an hour."
NO_ADDRESSES = "Songs are not fetched from other addresses: send the file itself."
NOT_UNDERSTOOD = "That cannot be answered: send an uploaded song, as the page and its API do."
TOO_MUCH = "That is too much at once: send fewer songs at a time."
TOO_SLOW = "Nothing came for a minute: send the file again."

# Songs that wait for their turn; the next one is told `BUSY`.
QUEUE_SIZE = math.ceil(limit("SONGNET_QUEUE_SIZE", 100))
# All files of one upload together, a call of a tool with its song, and any other request.
_UPLOAD_BYTES = 2 * 2**30
_TOOL_BYTES = 4 * 2**20
_BODY_BYTES = 2**20
# Who sends nothing for so long has gone, or holds on to a connection.
_SILENCE_S = 60.0
# Kept free on the disk that holds the uploads.
_FREE_BYTES = 512 * 2**20

_API = "/gradio_api/"
# What the page and its API ask for below that. Among the others is `deep_link`, which writes files
# that are never deleted. `run` serves the buttons that need no queue.
_ROUTES = frozenset(
    {
        *("info", "openapi.json", "startup-events", "heartbeat", "theme.css", "app_id"),
        *("call", "queue", "run", "cancel", "reset", "upload", "upload_progress"),
    }
)
_LOG = logging.getLogger(__name__)
_error_payload = utils.error_payload
_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


def app_options(tools: bool = False) -> dict:
    """What Gradio's server is made with.

    Parameters
    ----------
    tools : bool
        Whether the route of `songnet.ui.server.tools` is open.

    Returns
    -------
    dict
        The argument ``app_kwargs`` of `gradio.Blocks.launch`.
    """
    return {
        "middleware": [Middleware(Gate, tools=tools)],
        "exception_handlers": {
            503: _busy,
            RequestValidationError: _invalid,
            OSError: _disk_trouble,
        },
    }


def close_back_doors() -> None:
    """Takes from Gradio what it has no setting for. Twice does no harm."""
    route_utils.GradioMultiPartParser = UploadParser
    route_utils.delete_files_created_by_app = delete_old_files
    processing_utils.async_ssrf_protected_download = _refuse_address
    utils.error_payload = queueing.error_payload = _told
    # After each song, Gradio would make a table of the last 10,000 for a page that is closed here.
    queueing.Queue.compute_analytics_summary = lambda *_: {"functions": {}}


class Gate:
    """Lets through the requests that the page and its API consist of.

    Parameters
    ----------
    app : ASGI application
    tools : bool
        Whether the route of `songnet.ui.server.tools` is open.
    """

    def __init__(self, app: ASGIApp, tools: bool = False):
        self._app = app
        self._tools = tools

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers one request, or has it answered."""
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
        # What a request brings about that nobody foresaw is one sentence, too.
        except Exception:
            _LOG.exception("answering %r", scope["path"][:200])
            if not answer.started:
                await _not_understood()(scope, receive, send)


class _Answer:
    """Passes an answer on; one that only says that something failed becomes a sentence."""

    def __init__(self, scope: Scope, receive: Receive, send: Send):
        self.started = False
        self._scope, self._receive, self._send = scope, receive, send
        self._replaced = False

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.started = True
            if message["status"] == 500:
                self._replaced = True
                await _not_understood()(self._scope, self._receive, self._send)
            # A browser takes no song for a page, whatever is in it.
            message["headers"] = [*message["headers"], (b"x-content-type-options", b"nosniff")]
        if not self._replaced:
            await self._send(message)


_NO_METHOD = JSONResponse({"detail": "Tools are called by POST: use an MCP client."}, 405)


def is_visitors_file(path: str) -> bool:
    """Whether a path lies where the page keeps what was uploaded to it or made by it."""
    return Path(os.path.abspath(path)).is_relative_to(get_upload_folder())


def has_room(folder: str | Path) -> bool:
    """Whether the disk that holds a folder has room for a visitor's files."""
    return shutil.disk_usage(folder).free >= _FREE_BYTES


def _refusal(route: str) -> JSONResponse | None:
    if route.startswith("file="):
        path = route.removeprefix("file=")
        if is_visitors_file(path):
            return None
        said = NO_ADDRESSES if ":" in path[:8] else "There is no such file here: reload the page."
        return JSONResponse({"detail": said}, 403)
    if route.partition("/")[0] in _ROUTES:
        return None
    return JSONResponse({"detail": "There is no such page here: go back to the start."}, 404)


def _limited(receive: Receive, most: int) -> Receive:
    received, complete = 0, False

    async def limited() -> Message:
        nonlocal received, complete
        if complete:
            # Whoever waits for the answer is silent.
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


class UploadParser(route_utils.GradioMultiPartParser):
    """Gradio's parser of uploads: files alone, while there is room, and no leftovers."""

    def on_headers_finished(self) -> None:
        """Called before each part of an upload."""
        super().on_headers_finished()
        if self._current_part.file is None:
            raise MultiPartException("An upload holds files and nothing else: send a file.")
        if self.upload_dir and not has_room(self.upload_dir):
            raise MultiPartException(NO_ROOM)

    async def parse(self):
        """Writes the files of an upload to the disk."""
        try:
            form = await super().parse()
            # A file without an end, or under another name, would stay on the disk for good.
            if len(form.getlist("files")) < self._current_files:
                raise MultiPartException("An upload came without its end: send the file again.")
            return form
        except BaseException as error:
            for file in self._files_to_close_on_error:
                with contextlib.suppress(OSError):
                    file.close()
                Path(file.name).unlink(missing_ok=True)
            if isinstance(error, OSError) and error.errno in _FULL:
                raise MultiPartException(NO_ROOM) from error
            raise


async def _refuse_address(*_, **__) -> str:
    raise gr.Error(NO_ADDRESSES, print_exception=False)


def delete_old_files(blocks: gr.Blocks, age: int | None) -> None:
    """Deletes visitors' files, and the folders that held them.

    In the place of Gradio's, which stops for good when an upload comes while it looks.

    Parameters
    ----------
    blocks : gr.Blocks
        Knows the files that were uploaded to it or made by it.
    age : int or None [s]
        Of the files that are deleted; None for all.
    """
    kept = {name for b in blocks.blocks.values() for name in getattr(b, "keep_in_cache", ())}
    for names in blocks.temp_file_sets:
        for name in names.copy() - kept:
            try:
                if age is not None and time.time() - os.lstat(name).st_ctime <= age:
                    continue
                os.remove(name)
            except FileNotFoundError:
                pass
            except OSError:
                continue
            names.discard(name)
            with contextlib.suppress(OSError):
                os.rmdir(os.path.dirname(name))


def _told(error: BaseException | None, show_error: bool) -> dict:
    """What a visitor is told of an error: our sentence, never what the error says of the server."""
    if not isinstance(error, gr.Error):
        error = gr.Error(NOT_UNDERSTOOD, print_exception=False)
    return _error_payload(error, show_error)


async def _invalid(_request: Request, _error: Exception) -> JSONResponse:
    return _not_understood()


def _not_understood() -> JSONResponse:
    return JSONResponse({"detail": NOT_UNDERSTOOD}, 400)


async def _busy(_request: Request, _error: Exception) -> JSONResponse:
    return JSONResponse({"detail": BUSY}, 503)


async def _disk_trouble(_request: Request, error: Exception) -> JSONResponse:
    if error.errno in _FULL:
        return JSONResponse({"detail": NO_ROOM}, 507)
    raise error
