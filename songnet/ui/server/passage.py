"""How a request of each kind is passed on to Gradio, once the gate has a place for it."""

from contextlib import asynccontextmanager
from urllib.parse import parse_qs

from gradio.routes import file_upload_statuses
from gradio.utils import get_upload_folder
from starlette.types import ASGIApp, Message, Receive, Scope

from songnet.settings import Settings
from songnet.ui.server import answers, bodies, pictures, room, tool_requests, uploads
from songnet.ui.server.answers import Answer
from songnet.ui.server.clients import client_of, set_internal_client
from songnet.ui.server.inputs import NO_ADDRESSES, RequestError
from songnet.ui.server.limits import BUSY_CLIENT, Kept
from songnet.ui.server.requests import Schema, is_id
from songnet.ui.server.routes import Route

NO_SESSION = "Nothing is known of that any longer: reload the page, or send the song again."
# All files of one upload together, and a call of a tool with its song.
UPLOAD_BYTES = 2 * 2**30
TOOL_BYTES = 4 * 2**20
# What one client may send in the time for which files are kept.
CLIENT_BYTES = 4 * 2**30
CLIENT_FILES = 2_000
# How far an upload has come is told until so long after its end [s].
REMEMBERED_S = 10.0
# By these a page is told its own address, which it repeats.
_VARY = (b"vary", b"X-Forwarded-Host, X-Forwarded-Proto, X-Gradio-Server")


class Passage:
    """Passes requests on to Gradio: each kind of `songnet.ui.server.routes` by a method.

    Each method raises a `RequestError` or a `NoRoomError` for what it refuses.

    Parameters
    ----------
    app : ASGI application
    settings : Settings
    too_many : str
        The sentence for a request with more songs than the settings allow.
    """

    def __init__(self, app: ASGIApp, settings: Settings, too_many: str) -> None:
        self._app = app
        self._settings = settings
        self._too_many = too_many
        self._schema: Schema | None = None
        self._bytes = Kept(CLIENT_BYTES, settings.keep_seconds)
        self._files = Kept(CLIENT_FILES, settings.keep_seconds)

    def schema_of(self, scope: Scope) -> Schema:
        """The schema of the page, which is there when it is asked for the first time."""
        if self._schema is None:
            functions = scope["app"].get_blocks().fns
            self._schema = Schema(functions, self._settings.max_songs, self._too_many)
        return self._schema

    async def page(self, route: Route, scope: Scope, receive: Receive, answer: Answer) -> None:
        """A page, or what describes it: made anew, and never with a body."""

        async def send(message: Message) -> None:
            if message["type"] == "http.response.start":
                message = {**message, "headers": [*message["headers"], _VARY]}
            await answer.send(message)

        await self._app(scope, bodies.limited(receive, 0), send)

    async def plain(self, route: Route, scope: Scope, receive: Receive, answer: Answer) -> None:
        """A file: of the page itself, or a visitor's."""
        if route.name[1:] in pictures.FILES:
            await answer.refuse(pictures.answer(route.name[1:]))
            return
        if route.name.startswith("file="):
            path = route.name.removeprefix("file=")
            if not uploads.is_visitors_file(path):
                sentence = NO_ADDRESSES if ":" in path[:8] else answers.NO_FILE
                raise RequestError(sentence, 403)
        await self._app(scope, bodies.limited(receive, 0), answer.send)

    async def event(self, route: Route, scope: Scope, receive: Receive, answer: Answer) -> None:
        """What an event takes, written anew by the schema."""
        schema = self.schema_of(scope)
        body = schema.written_anew(route.name, await bodies.whole(receive, schema.body_bytes))
        await self._app(
            bodies.with_length(scope, body), bodies.replayed(body, receive), answer.send
        )

    async def stream(self, route: Route, scope: Scope, receive: Receive, answer: Answer) -> None:
        """Messages that come over time, to whoever knows the name of what they are about."""
        name, _, last = route.name.rpartition("/")
        query = parse_qs(scope["query_string"].decode("latin-1"))
        if route.name == "queue/data":
            (last,) = query.get("session_hash", [""])[:1]
        elif route.name == "upload_progress":
            (last,) = query.get("upload_id", [""])[:1]
        if not is_id(last):
            raise RequestError
        passed_on = bodies.limited(receive, 0)
        if route.name == "upload_progress":
            async with _tracked(last):
                await self._app(scope, passed_on, answer.send)
            return
        if name == "heartbeat":
            await self._app(scope, passed_on, answer.send)
            return
        queue = scope["app"].get_blocks()._queue
        session = last if route.name == "queue/data" else queue.session_of(last)
        if session is None or not queue.listen(session):
            await answer.refuse(answers.gone(NO_SESSION, called=route.name != "queue/data"))
            return
        try:
            await self._app(scope, passed_on, answer.send)
        finally:
            queue.leave(session)

    async def upload(self, route: Route, scope: Scope, receive: Receive, answer: Answer) -> None:
        """An upload, with a share of the disk's room."""
        client = client_of(scope)
        announced = bodies.announced(scope)
        if (announced or 0) > UPLOAD_BYTES:
            raise RequestError(answers.TOO_MUCH, 413)
        if not self._bytes.add(client, announced or 0):
            raise RequestError(BUSY_CLIENT, 429)
        (upload_id,) = parse_qs(scope["query_string"].decode("latin-1")).get("upload_id", [""])[:1]
        if upload_id and not is_id(upload_id):
            raise RequestError
        upload = room.Upload(
            room.ROOM, get_upload_folder(), announced, lambda: self._files.add(client, 1)
        )
        token = room.CURRENT.set(upload)

        def take(size: int) -> None:
            if announced is None and not self._bytes.add(client, size):
                raise RequestError(BUSY_CLIENT, 429)
            upload.take(size)

        try:
            async with _tracked(upload_id, after_s=REMEMBERED_S):
                await self._app(scope, bodies.limited(receive, UPLOAD_BYTES, take), answer.send)
        finally:
            room.CURRENT.reset(token)
            upload.close()

    async def tool(self, route: Route, scope: Scope, receive: Receive, answer: Answer) -> None:
        """A call of a tool, which asks the page on behalf of its caller."""
        body = await bodies.whole(receive, TOOL_BYTES)
        try:
            tool_requests.check(body, self._settings.max_songs, self._too_many)
        except tool_requests.ToolError as error:
            await answer.refuse(error.response())
            return
        scope = bodies.with_length(scope, body)
        set_internal_client(scope)
        await self._app(scope, bodies.replayed(body, receive), answer.send)


@asynccontextmanager
async def _tracked(upload_id: str, after_s: float = 0.0):
    """Forgets how far an upload has come, which Gradio keeps for good, after a ``with`` block."""
    try:
        yield
    finally:
        if upload_id:
            forget = bodies.later(after_s)
            forget(file_upload_statuses.stop_tracking, upload_id)
            forget(file_upload_statuses._signals.pop, upload_id, None)
