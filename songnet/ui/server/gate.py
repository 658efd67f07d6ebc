"""Middleware in front of Gradio: only the page's own requests pass, within limits for each client.

Gradio serves more than this page needs. It fetches addresses that a visitor names, takes texts and
lists of any length for events and sessions, and leaves on its disk what of an upload broke off.
"""

import logging
from collections.abc import Callable
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import parse_qs

from fastapi.responses import Response
from gradio.route_utils import CustomCORSMiddleware
from gradio.routes import file_upload_statuses
from gradio.utils import get_upload_folder
from starlette.datastructures import Headers
from starlette.middleware import Middleware
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from songnet.settings import Settings
from songnet.ui.server import (
    answers,
    bodies,
    failures,
    gradio_patches,
    room,
    tool_requests,
    uploads,
)
from songnet.ui.server.answers import Answer, refusal
from songnet.ui.server.clients import (
    Proxies,
    client_of,
    client_of_address,
    internal_client,
    set_client,
    set_internal_client,
    without_forwarded,
)
from songnet.ui.server.health import Health
from songnet.ui.server.limits import BUSY_CLIENT, Kept, Places, Rate
from songnet.ui.server.requests import NO_ADDRESSES, RequestError, Schema, is_id
from songnet.ui.server.routes import Kind, Route, route_of

NO_ORIGIN = "Another page may not send that here: open this page itself."
TWO_LENGTHS = "That request has two lengths: send it with one."
NO_SESSION = "Nothing is known of that any longer: reload the page, or send the song again."

# All files of one upload together, and a call of a tool with its song.
UPLOAD_BYTES = 2 * 2**30
TOOL_BYTES = 4 * 2**20
# What one client may send in the time for which files are kept.
CLIENT_BYTES = 4 * 2**30
CLIENT_FILES = 2_000
# At once, of one client and in all: requests that are soon answered, streams, uploads, and tools.
REQUESTS = (8, 64)
STREAMS = (96, 960)
UPLOADS = (4, 32)
TOOLS = (4, 16)
# Of one client: a burst, and then so many a second. A page that is made anew takes ten times as
# long as a file of it.
RATES = {Kind.PAGE: (60, 5.0), Kind.EVENT: (400, 20.0)}
OTHER_RATE = (2_000, 50.0)
# How far an upload has come is told until so long after its end [s].
REMEMBERED_S = 10.0
_QUERY_BYTES = 2_048
_LOG = logging.getLogger(__name__)


def app_options(
    settings: Settings = Settings(),
    too_many: str = "",
    tools: bool = False,
    job: Callable[[], object] | None = None,
) -> dict[str, Any]:
    """Options of Gradio's server: this gate, and sentences for the errors behind it.

    Parameters
    ----------
    settings : Settings
    too_many : str
        The sentence for a request with more songs than the settings allow.
    tools : bool
        Whether the route of `songnet.ui.server.song_tools` is open.
    job : function or None
        What `/health` does to see whether songs can be answered; it raises if they cannot.

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
    proxies = Proxies(settings.trusted_proxies)
    return {
        "middleware": [
            Middleware(
                Gate, settings=settings, too_many=too_many, tools=tools, job=job, proxies=proxies
            )
        ],
        "exception_handlers": failures.HANDLERS,
    }


class Gate:
    """Lets the requests of the page and its API through, and refuses all others.

    Parameters
    ----------
    app : ASGI application
    settings, too_many, tools, job : as for `app_options`
    proxies : Proxies
        Those of the settings.
    """

    def __init__(
        self,
        app: ASGIApp,
        settings: Settings = Settings(),
        too_many: str = "",
        tools: bool = False,
        job: Callable[[], object] | None = None,
        proxies: Proxies = Proxies(),
    ) -> None:
        self._app = app
        self._settings = settings
        self._too_many = too_many
        self._tools = tools
        self._proxies = proxies
        self._health = Health(job) if job else None
        self._schema: Schema | None = None
        self._forwarded = ProxyHeadersMiddleware(
            self._identified,  # pyright: ignore[reportArgumentType]
            trusted_hosts=list(settings.trusted_proxies),
        )
        self._cors = CustomCORSMiddleware(app, strict_cors=True)
        self._places = {
            Kind.PAGE: Places(*REQUESTS),
            Kind.PLAIN: Places(*REQUESTS),
            Kind.EVENT: Places(*REQUESTS),
            Kind.STREAM: Places(*STREAMS),
            Kind.UPLOAD: Places(*UPLOADS),
            Kind.TOOL: Places(*TOOLS),
        }
        self._rates = {kind: Rate(*RATES.get(kind, OTHER_RATE)) for kind in Kind}
        self._bytes = Kept(CLIENT_BYTES, settings.keep_seconds)
        self._files = Kept(CLIENT_FILES, settings.keep_seconds)
        self._sentences = frozenset(
            {
                *(answers.NOT_UNDERSTOOD, answers.BUSY, answers.TOO_MUCH, answers.NO_FILE),
                *(bodies.TOO_SLOW, room.NO_ROOM, room.TOO_MANY_FILES, BUSY_CLIENT),
                *(uploads.NOT_FILES, uploads.NO_END, uploads.NO_NAME),
                uploads.too_large(settings.limits.max_bytes),
            }
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers a request with a refusal, or passes it on to Gradio."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        peer = (scope.get("client") or ("",))[0]
        if peer not in self._proxies:
            scope["headers"] = without_forwarded(scope["headers"])
        await self._forwarded(scope, receive, send)  # pyright: ignore[reportArgumentType]

    async def _identified(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers a request whose client is known."""
        host = (scope.get("client") or ("",))[0]
        set_client(scope, internal_client(scope) or client_of_address(host))
        answer = Answer(scope, receive, send, self._sentences)
        try:
            await self._answer(scope, receive, answer)
        except ClientDisconnect:
            return
        except RequestError as error:
            if not answer.started:
                await answer.refuse(_told(scope, error))
        except room.NoRoomError as error:
            if not answer.started:
                await answer.refuse(refusal(507, str(error)))
        # An unforeseen error is answered by one sentence, too.
        except Exception:
            _LOG.exception("answering %r", scope["path"][:200])
            if not answer.started:
                await answer.refuse(refusal(400, answers.NOT_UNDERSTOOD))

    async def _answer(self, scope: Scope, receive: Receive, answer: Answer) -> None:
        headers = Headers(scope=scope)
        if "content-length" in headers and "transfer-encoding" in headers:
            # What follows on the connection may be the end of this request, or another one.
            response = refusal(400, TWO_LENGTHS)
            response.headers["connection"] = "close"
            await answer.refuse(response)
            return
        if len(scope["query_string"]) > _QUERY_BYTES:
            raise RequestError(status=414)
        if scope["method"] not in ("GET", "HEAD", "OPTIONS") and not self._may_write(headers):
            raise RequestError(NO_ORIGIN, 403)
        route = route_of(scope, self._tools)
        if route.kind is Kind.HEALTH:
            await answer.refuse(await self._say_health(scope))
            return
        if not await self._rates[route.kind].wait(client_of(scope)):
            raise RequestError(BUSY_CLIENT, 503)
        if route.kind is Kind.EVENT:
            # Before there is a place for it: who sends slowly holds none.
            body = await bodies.whole(receive, self._schema_of(scope).body_bytes)
            receive = bodies.replayed(body, receive)
        async with self._places[route.kind].place(client_of(scope)) as free:
            if not free:
                raise RequestError(BUSY_CLIENT, 503)
            await getattr(self, f"_{route.kind.value}")(route, scope, receive, answer)

    def _may_write(self, headers: Headers) -> bool:
        """Whether Gradio's own rule lets a page read the answer: else it must not send, either."""
        return (
            "origin" not in headers or "host" not in headers or self._cors.is_valid_origin(headers)
        )

    def _schema_of(self, scope: Scope) -> Schema:
        """The schema of the page, which is there when it is asked for the first time."""
        if self._schema is None:
            functions = scope["app"].get_blocks().fns
            self._schema = Schema(functions, self._settings.max_songs, self._too_many)
        return self._schema

    async def _page(self, route: Route, scope: Scope, receive: Receive, answer: Answer) -> None:
        await self._app(scope, bodies.limited(receive, 0), answer.send)

    async def _plain(self, route: Route, scope: Scope, receive: Receive, answer: Answer) -> None:
        if route.name.startswith("file="):
            path = route.name.removeprefix("file=")
            if not uploads.is_visitors_file(path):
                sentence = NO_ADDRESSES if ":" in path[:8] else answers.NO_FILE
                raise RequestError(sentence, 403)
        await self._app(scope, bodies.limited(receive, 0), answer.send)

    async def _event(self, route: Route, scope: Scope, receive: Receive, answer: Answer) -> None:
        schema = self._schema_of(scope)
        body = schema.written_anew(route.name, await bodies.whole(receive, schema.body_bytes))
        await self._app(
            bodies.with_length(scope, body), bodies.replayed(body, receive), answer.send
        )

    async def _stream(self, route: Route, scope: Scope, receive: Receive, answer: Answer) -> None:
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

    async def _upload(self, route: Route, scope: Scope, receive: Receive, answer: Answer) -> None:
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

    async def _tool(self, route: Route, scope: Scope, receive: Receive, answer: Answer) -> None:
        body = await bodies.whole(receive, TOOL_BYTES)
        try:
            tool_requests.check(body, self._settings.max_songs, self._too_many)
        except tool_requests.ToolError as error:
            await answer.refuse(error.response())
            return
        scope = bodies.with_length(scope, body)
        set_internal_client(scope)
        await self._app(scope, bodies.replayed(body, receive), answer.send)

    async def _say_health(self, scope: Scope) -> Response:
        if self._health is None:
            return refusal(404, answers.NO_PAGE)
        return await self._health.answer(scope["app"].get_blocks()._queue)


def _told(scope: Scope, error: RequestError) -> Response:
    """The answer that tells of a refusal, in a form that the client shows."""
    if scope["path"].rstrip("/").endswith("/queue/join") and error.status == 400:
        return answers.invalid_data(str(error))
    return refusal(error.status, str(error))


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
