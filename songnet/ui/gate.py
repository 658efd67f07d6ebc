"""What stands between a stranger and Gradio: only the page's own routes, within limits.

Gradio serves more than this page needs. It fetches addresses that a visitor names, keeps form
fields of any size in memory, and leaves on its disk the part of an upload that broke off.
"""

import contextlib
import errno
import math
import os
import shutil
from pathlib import Path

import gradio as gr
from fastapi import Request
from fastapi.responses import JSONResponse
from gradio import processing_utils, route_utils
from gradio.utils import get_upload_folder
from starlette.exceptions import HTTPException
from starlette.formparsers import MultiPartException
from starlette.middleware import Middleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from songnet.settings import limit

BUSY = "Too many songs are waiting at the moment: try again in a minute."
NO_ROOM = "The server has no room for more songs at the moment: try again in an hour."
NO_ADDRESSES = "Songs are not fetched from other addresses: send the file itself."

# Songs that wait for their turn; the next one is told `BUSY`.
QUEUE_SIZE = math.ceil(limit("SONGNET_QUEUE_SIZE", 100))
# All files of one upload together, and the body of any other request.
_UPLOAD_BYTES = 2 * 2**30
_BODY_BYTES = 4 * 2**20
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
_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


def app_options(tools: bool = False) -> dict:
    """What Gradio's server is made with.

    Parameters
    ----------
    tools : bool
        Whether the route of `songnet.ui.tools` is open.

    Returns
    -------
    dict
        The argument ``app_kwargs`` of `gradio.Blocks.launch`.
    """
    return {
        "middleware": [Middleware(Gate, tools=tools)],
        "exception_handlers": {503: _busy, OSError: _disk_trouble},
    }


def close_back_doors() -> None:
    """Takes from Gradio what it has no setting for. Twice does no harm."""
    route_utils.GradioMultiPartParser = UploadParser
    processing_utils.async_ssrf_protected_download = _refuse_address


class Gate:
    """Lets through the requests that the page and its API consist of.

    Parameters
    ----------
    app : ASGI application
    tools : bool
        Whether the route of `songnet.ui.tools` is open.
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
        most = _UPLOAD_BYTES if route == "upload" else _BODY_BYTES
        await self._app(scope, _limited(receive, most), send)


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
    received = 0

    async def limited() -> Message:
        nonlocal received
        message = await receive()
        received += len(message.get("body", b""))
        if received > most:
            raise HTTPException(413, "That is too much at once: send fewer songs at a time.")
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
            return await super().parse()
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


async def _busy(_request: Request, _error: Exception) -> JSONResponse:
    return JSONResponse({"detail": BUSY}, 503)


async def _disk_trouble(_request: Request, error: Exception) -> JSONResponse:
    if error.errno in _FULL:
        return JSONResponse({"detail": NO_ROOM}, 507)
    raise error
