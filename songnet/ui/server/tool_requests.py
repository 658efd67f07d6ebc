"""What a call of a tool may be (MCP), checked before Gradio's tools see it."""

from typing import Any

from fastapi.responses import JSONResponse

from songnet.errors import SongNetError
from songnet.ui.server import answers
from songnet.ui.server.inputs import RequestError
from songnet.ui.server.requests import parsed

NO_SUCH_FILE = "There is no such file here: upload it first, or send it as base64."

# How the text of a file of own genres begins.
OBJECT = "{"
# Of a path or an address of this server; a file inside the call is limited by the body's length.
_PATH = 4_096
_NAME = 64
_ARGUMENTS = 8
# Of a message that is no call: none of them says much.
_MESSAGE_BYTES = 64 * 2**10


class ToolError(SongNetError):
    """A call that is refused.

    Parameters
    ----------
    sentence : str
    number : int, str or None
        The call's own.
    """

    def __init__(self, sentence: str, number: Any = None) -> None:
        super().__init__(sentence)
        self._number = number if isinstance(number, int | str) else None

    def response(self) -> JSONResponse:
        """The answer, in the form in which an assistant is shown it."""
        if self._number is None:
            return answers.refusal(400, str(self))
        content = [{"type": "text", "text": str(self)}]
        result = {"content": content, "isError": True}
        return JSONResponse({"jsonrpc": "2.0", "id": self._number, "result": result})


def check(body: bytes, max_songs: int, too_many: str) -> None:
    """Checks a message to the tools.

    Parameters
    ----------
    body : bytes
    max_songs : int > 0
    too_many : str
        The sentence for more.

    Raises
    ------
    ToolError
        If it is no message, or a call with anything but texts and lists of them.
    """
    try:
        message = parsed(body)
    except RequestError as error:
        raise ToolError(str(error)) from error
    if not isinstance(message, dict):
        raise ToolError(answers.NOT_UNDERSTOOD)
    number = message.get("id")
    if isinstance(number, str) and len(number) > _NAME:
        raise ToolError(answers.NOT_UNDERSTOOD)
    if message.get("method") != "tools/call":
        if len(body) > _MESSAGE_BYTES:
            raise ToolError(answers.TOO_MUCH, number)
        return
    parameters = message.get("params")
    tool = parameters.get("name") if isinstance(parameters, dict) else None
    if not isinstance(tool, str) or len(tool) > _NAME:
        raise ToolError(answers.NOT_UNDERSTOOD, number)
    arguments = parameters.get("arguments") if isinstance(parameters, dict) else None
    if not isinstance(arguments, dict) or not 0 < len(arguments) <= _ARGUMENTS:
        raise ToolError(answers.NOT_UNDERSTOOD, number)
    for name, value in arguments.items():
        texts = value if isinstance(value, list) else [value]
        if len(texts) > max_songs:
            raise ToolError(too_many, number)
        if len(name) > _NAME or not all(isinstance(text, str) for text in texts):
            raise ToolError(answers.NOT_UNDERSTOOD, number)
        if any(len(text) > _PATH and not text.startswith(("data:", OBJECT)) for text in texts):
            raise ToolError(NO_SUCH_FILE, number)
