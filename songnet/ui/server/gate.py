"""Middleware in front of Gradio: only the page's own requests pass, within limits for each client.

Gradio serves more than this page needs. It fetches addresses that a visitor names, takes texts and
lists of any length for events and sessions, and leaves on its disk what of an upload broke off.
"""

from collections.abc import Callable
from typing import Any

from fastapi.responses import Response
from starlette.datastructures import Headers
from starlette.middleware import Middleware
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from songnet.settings import Settings
from songnet.ui.server import (
    answers,
    bodies,
    connections,
    failures,
    gradio_patches,
    origins,
    room,
    uploads,
)
from songnet.ui.server.answers import Answer, refusal
from songnet.ui.server.clients import (
    Proxies,
    client_of,
    client_of_address,
    internal_client,
    set_client,
    without_forwarded,
)
from songnet.ui.server.health import Health
from songnet.ui.server.inputs import RequestError
from songnet.ui.server.limits import BUSY_CLIENT, Places, Rate
from songnet.ui.server.passage import Passage
from songnet.ui.server.routes import Kind, route_of

NO_ORIGIN = "Another page may not send that here: open this page itself."
NO_HOST = (
    "The page is not known by that name: open http://127.0.0.1 with its port, or name the proxy in "
    "SONGNET_TRUSTED_PROXIES."
)
TWO_LENGTHS = "That request has two lengths: send it with one."

# At once, of one client and in all: requests that are soon answered, streams, uploads, and tools.
REQUESTS = (8, 64)
STREAMS = (96, 960)
UPLOADS = (4, 32)
TOOLS = (4, 16)
# Of one client: a burst, and then so many a second. A page that is made anew takes ten times as
# long as a file of it.
RATES = {Kind.PAGE: (60, 5.0), Kind.EVENT: (400, 20.0)}
OTHER_RATE = (2_000, 50.0)
_QUERY_BYTES = 2_048
_PATH_BYTES = 2_048


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
        self._tools = tools
        self._proxies = proxies
        self._health = Health(job) if job else None
        self._passage = Passage(app, settings, too_many)
        self._forwarded = ProxyHeadersMiddleware(
            self._identified,  # pyright: ignore[reportArgumentType]
            trusted_hosts=list(settings.trusted_proxies),
        )
        self._unforeseen = failures.Unforeseen()
        self._places = {
            Kind.PAGE: Places(*REQUESTS),
            Kind.PLAIN: Places(*REQUESTS),
            Kind.EVENT: Places(*REQUESTS),
            Kind.STREAM: Places(*STREAMS),
            Kind.UPLOAD: Places(*UPLOADS),
            Kind.TOOL: Places(*TOOLS),
        }
        # Behind a proxy connections are nobody's: what a client asks and waits for counts instead.
        self._asked = Places(connections.CONNECTIONS_EACH, connections.CONNECTIONS, patience_s=0.0)
        self._rates = {kind: Rate(*RATES.get(kind, OTHER_RATE)) for kind in Kind}
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
        origins.set_names(scope, proxied=peer in self._proxies)
        if peer not in self._proxies:
            scope["headers"] = without_forwarded(scope["headers"])
        await self._forwarded(scope, receive, send)  # pyright: ignore[reportArgumentType]

    async def _identified(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers a request whose client is known."""
        host = (scope.get("client") or ("",))[0]
        set_client(scope, internal_client(scope) or client_of_address(host))
        answer = Answer(scope, receive, send, self._sentences)
        try:
            async with self._asked.place(client_of(scope)) as free:
                if not free:
                    raise RequestError(BUSY_CLIENT, 503)
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
        except Exception as error:
            self._unforeseen.log(error, scope["path"])
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
        path = scope.get("raw_path") or scope["path"].encode()
        if len(path) > _PATH_BYTES or len(scope["query_string"]) > _QUERY_BYTES:
            raise RequestError(status=414)
        if not origins.knows_host(scope, headers):
            raise RequestError(NO_HOST, 403)
        writes = scope["method"] not in ("GET", "HEAD", "OPTIONS")
        if writes and not origins.may_write(scope, headers):
            raise RequestError(NO_ORIGIN, 403)
        route = route_of(scope, self._tools)
        if route.kind is Kind.HEALTH:
            await answer.refuse(await self._say_health(scope))
            return
        if not await self._rates[route.kind].wait(client_of(scope)):
            raise RequestError(BUSY_CLIENT, 503)
        if route.kind is Kind.EVENT:
            # Before there is a place for it: who sends slowly holds none.
            body = await bodies.whole(receive, self._passage.schema_of(scope).body_bytes)
            receive = bodies.replayed(body, receive)
        async with self._places[route.kind].place(client_of(scope)) as free:
            if not free:
                raise RequestError(BUSY_CLIENT, 503)
            await getattr(self._passage, route.kind.value)(route, scope, receive, answer)

    async def _say_health(self, scope: Scope) -> Response:
        if self._health is None:
            return refusal(404, answers.NO_PAGE)
        return await self._health.answer(scope["app"].get_blocks()._queue)


def _told(scope: Scope, error: RequestError) -> Response:
    """The answer that tells of a refusal, in a form that the client shows."""
    if scope["path"].rstrip("/").endswith("/queue/join") and error.status == 400:
        return answers.invalid_data(str(error))
    return refusal(error.status, str(error))
