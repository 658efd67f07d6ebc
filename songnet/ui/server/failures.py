"""What a visitor is told of what fails behind the gate: one sentence, nothing of the server."""

import gradio as gr
from fastapi import Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse

from songnet.ui.server import answers, gradio_patches, room, uploads
from songnet.ui.server.answers import refusal
from songnet.ui.server.requests import NO_ADDRESSES


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


async def _invalid(_request: Request, _error: Exception) -> JSONResponse:
    return refusal(400, answers.NOT_UNDERSTOOD)


async def _busy(_request: Request, _error: Exception) -> JSONResponse:
    return refusal(503, answers.BUSY)


async def _no_room(_request: Request, error: Exception) -> JSONResponse:
    return refusal(507, str(error))


async def _disk_trouble(_request: Request, error: Exception) -> JSONResponse:
    if uploads.means_full_disk(error):
        return refusal(507, room.NO_ROOM)
    raise error


# For the server's argument of that name.
HANDLERS = {
    503: _busy,
    RequestValidationError: _invalid,
    room.NoRoomError: _no_room,
    OSError: _disk_trouble,
}
