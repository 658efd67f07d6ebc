"""What a visitor is told of what fails behind the gate: one sentence, nothing of the server."""

import errno
import logging
import time
import traceback

import gradio as gr
from fastapi import Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse

from songnet.ui.server import answers, gradio_patches, room, uploads
from songnet.ui.server.answers import refusal
from songnet.ui.server.inputs import NO_ADDRESSES

_SAY_S = 60.0
# Letters of a path, or of an error's text, which may repeat it.
_SAID = 200
_LOG = logging.getLogger(__name__)


def error_payload(
    error: BaseException | None, show_error: bool
) -> dict[str, bool | str | float | None]:
    """What a visitor is shown of an error: a sentence of SongNet's, never details of the server.

    Replaces Gradio's function (`gradio_patches.ERROR_PAYLOAD`), and calls it to write the sentence.
    """
    if not isinstance(error, gr.Error):
        error = gr.Error(answers.NOT_UNDERSTOOD, print_exception=False)
    return gradio_patches.ERROR_PAYLOAD.original()(error, show_error)


async def refuse_download(*_: object, **__: object) -> str:
    """Refuses to fetch an address; replaces Gradio's function that fetches it."""
    raise gr.Error(NO_ADDRESSES, print_exception=False)


class Unforeseen:
    """Logs unforeseen errors, each kind once in a while, and little of what a stranger sent."""

    def __init__(self) -> None:
        # When an error of a kind, that is, of a type and from a line, was last logged.
        self._said: dict[tuple[type, str, int | None], float] = {}

    def log(self, error: Exception, path: str) -> None:
        """Logs an error that came up while a path was answered.

        Parameters
        ----------
        error : Exception
        path : str
        """
        frames = traceback.extract_tb(error.__traceback__)
        last = frames[-1] if frames else None
        kind = (type(error), last.filename if last else "", last.lineno if last else None)
        now = time.monotonic()
        if now - self._said.get(kind, -_SAY_S) < _SAY_S:
            return
        self._said[kind] = now
        lines = "".join(frames.format())
        what = f"{type(error).__name__}: {error}"[:_SAID]
        _LOG.error("answering %r\n%s%s", path[:_SAID], lines, what)


async def _invalid(_request: Request, _error: Exception) -> JSONResponse:
    return refusal(400, answers.NOT_UNDERSTOOD)


async def _busy(_request: Request, _error: Exception) -> JSONResponse:
    return refusal(503, answers.BUSY)


async def _no_room(_request: Request, error: Exception) -> JSONResponse:
    return refusal(507, str(error))


async def _disk_trouble(_request: Request, error: Exception) -> JSONResponse:
    if uploads.means_full_disk(error):
        return refusal(507, room.NO_ROOM)
    if isinstance(error, OSError) and error.errno == errno.ENAMETOOLONG:
        return refusal(404, answers.NO_FILE)
    raise error


# For the server's argument of that name.
HANDLERS = {
    503: _busy,
    RequestValidationError: _invalid,
    room.NoRoomError: _no_room,
    OSError: _disk_trouble,
}
