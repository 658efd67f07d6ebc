"""What an answer may say: known headers, and for every error a sentence without a path."""

import json

from fastapi.responses import JSONResponse, Response
from starlette.types import Message, Receive, Scope, Send

NOT_UNDERSTOOD = "That cannot be answered: send an uploaded song, as the page and its API do."
BUSY = "Too many songs are waiting at the moment: try again in a minute."
NO_FILE = "There is no such file here: reload the page."
NO_PAGE = "There is no such page here: go back to the start."
NO_SONG = "No song was sent: send an audio file."
NO_SONGS = "No songs were sent: send audio files."
NO_TEXT = "No genres were sent: send the genre of each song, in the order of the songs."
TOO_MUCH = "That is too much at once: send fewer songs at a time."
_SENTENCES = {
    404: NO_PAGE,
    405: "That cannot be done here: go back to the start.",
    413: TOO_MUCH,
    416: "The file is shorter than that: ask for a part that it has.",
    503: BUSY,
}

# All others are dropped: Gradio's answer to a request for a part of a file repeats the request's.
_HEADERS = frozenset(
    name.encode()
    for name in (
        *("accept-ranges", "allow", "cache-control", "connection"),
        *("content-disposition", "content-encoding"),
        *("content-length", "content-range", "content-type", "etag", "last-modified", "location"),
        *("mcp-protocol-version", "mcp-session-id", "retry-after", "vary"),
    )
)
# The Hub shows a Space in a frame of its own page.
_FRAMES = (
    "frame-ancestors 'self' https://huggingface.co https://*.huggingface.co https://*.hf.space"
)
_OWN = [
    # So that no browser shows an uploaded file as a page, even if it holds HTML.
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"content-security-policy", _FRAMES.encode()),
]
# An error's text is looked at whole; longer ones are replaced.
_LOOKED_AT = 64 * 2**10


def refusal(status: int, sentence: str) -> JSONResponse:
    """The answer that says one sentence."""
    return JSONResponse({"detail": sentence}, status)


def invalid_data(sentence: str) -> JSONResponse:
    """The answer to a request to join the queue whose data is refused.

    Gradio's own clients tell their users a sentence in this form alone.
    """
    return JSONResponse(
        {"detail": [{"__type__": "validate", "is_valid": False, "message": sentence}]}, 422
    )


def gone(sentence: str, called: bool) -> Response:
    """The stream of a session of which nothing is known, in the form in which it would come.

    Parameters
    ----------
    sentence : str
    called : bool
        Whether it is that of a call, and not of a page.
    """
    message = {"msg": "unexpected_error", "message": sentence}
    message |= {"success": False, "session_not_found": True}
    event = (
        f"event: error\ndata: {json.dumps(sentence)}" if called else f"data: {json.dumps(message)}"
    )
    return Response(f"{event}\n\n", media_type="text/event-stream")


class Answer:
    """Passes an answer on, with the headers that it may have; an error becomes a sentence.

    Parameters
    ----------
    scope, receive, send : as of the request
    sentences : frozenset of str
        What SongNet itself says: all other texts of errors are replaced.
    """

    def __init__(
        self, scope: Scope, receive: Receive, send: Send, sentences: frozenset[str]
    ) -> None:
        self.started = False
        self._scope, self._receive, self._send = scope, receive, send
        self._sentences = sentences
        self._status = 200
        self._head: Message = {}
        self._body = b""

    async def send(self, message: Message) -> None:
        """Does what an ASGI application's ``send`` does."""
        if message["type"] == "http.response.start":
            self.started = True
            self._status = message["status"]
            self._head = message
            if self._status < 400:
                await self._begin(message)
        elif self._status < 400:
            await self._send(message)
        else:
            self._body += message.get("body", b"")[:_LOOKED_AT]
            if not message.get("more_body", False):
                await self._error()

    async def refuse(self, response: Response) -> None:
        """Answers with a response of this package's own."""
        self.started = True
        await response(self._scope, self._receive, self._send_own)

    async def _send_own(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            await self._begin(message)
        else:
            await self._send(message)

    async def _begin(self, message: Message) -> None:
        kept = [header for header in message["headers"] if header[0].lower() in _HEADERS]
        await self._send({**message, "headers": [*kept, *_OWN]})

    async def _error(self) -> None:
        """Sends an error whose body has come: as it is if it is SongNet's, else as a sentence."""
        detail = _detail(self._body)
        own = isinstance(detail, str) and detail in self._sentences
        own = own or (self._status == 422 and isinstance(detail, list))
        if own:
            await self._begin(self._head)
            await self._send({"type": "http.response.body", "body": self._body})
            return
        status = 400 if self._status >= 500 and self._status != 503 else self._status
        await self.refuse(refusal(status, _SENTENCES.get(status, NOT_UNDERSTOOD)))


def _detail(body: bytes) -> object:
    """What an error says: the detail of a JSON object, or the text itself."""
    text = body.decode("utf-8", "replace")
    try:
        parsed = json.loads(text)
    except (ValueError, RecursionError):
        return text
    return parsed.get("detail") if isinstance(parsed, dict) else text
