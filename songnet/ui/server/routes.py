"""The routes that are open, and what kind of request each takes."""

from dataclasses import dataclass
from enum import Enum

from starlette.types import Scope

from songnet.ui.server import answers, pictures
from songnet.ui.server.inputs import RequestError

_API = "/gradio_api/"
_NO_METHOD = "That cannot be done here: go back to the start."
_TOOLS_BY_POST = "Tools are called by POST: use an MCP client."
HEALTH = "/health"


class Kind(Enum):
    """How a request is treated: the name of a method of `songnet.ui.server.passage.Passage`."""

    PAGE = "page"
    PLAIN = "plain"
    EVENT = "event"
    STREAM = "stream"
    UPLOAD = "upload"
    TOOL = "tool"
    HEALTH = "health"


@dataclass(frozen=True)
class Route:
    """Where a request goes.

    Attributes
    ----------
    kind : Kind
    name : str
        The path below Gradio's API, without a slash at its end; of a page, its path.
    """

    kind: Kind
    name: str


# What the page loads beside its API, by the first part of the path.
_PAGES = frozenset(
    {
        *("", "config", "static", "assets", "svelte", "theme.css", "favicon.ico"),
        *("robots.txt", "manifest.json", "pwa_icon", *pictures.FILES),
    }
)
# Below Gradio's API what is read, and what is sent. Among the others is `deep_link`, which writes
# files that are never deleted. `run` serves the buttons that need no queue.
_READ = frozenset({"startup-events", "theme.css", "app_id", "queue/status"})
# What Gradio makes anew each time.
_MADE_PAGES = frozenset({"/", "/config", "/config/"})
_MADE_FOR_PROGRAMS = frozenset({"info", "openapi.json"})
_SENT = frozenset({"queue/join", "cancel", "reset"})


def route_of(scope: Scope, tools: bool) -> Route:
    """The route of a request.

    Parameters
    ----------
    scope : of an HTTP request
    tools : bool
        Whether the route of the tools is open.

    Raises
    ------
    RequestError
        If there is none, or not by this method.
    """
    path, method = scope["path"], scope["method"]
    reads = method in ("GET", "HEAD")
    if path == HEALTH and reads:
        return Route(Kind.HEALTH, path)
    if not path.startswith(_API):
        if path.startswith("//") or path[1:].partition("/")[0] not in _PAGES:
            raise RequestError(answers.NO_PAGE, 404)
        return _by(reads, Kind.PAGE if path in _MADE_PAGES else Kind.PLAIN, path)
    name = path.removeprefix(_API)
    if name.startswith("file="):
        return _by(reads, Kind.PLAIN, name)
    name = name.rstrip("/")
    if name == "mcp" and tools:
        if method != "POST":
            # A stream that Gradio would open for GET lasts, and nothing is ever sent on it.
            raise RequestError(_TOOLS_BY_POST, 405)
        return Route(Kind.TOOL, name)
    kind = _kind(name, reads)
    if kind is None:
        raise RequestError(answers.NO_PAGE, 404)
    allowed = reads if kind in (Kind.PAGE, Kind.PLAIN, Kind.STREAM) else method == "POST"
    return _by(allowed, kind, name)


def _by(allowed: bool, kind: Kind, name: str) -> Route:
    if not allowed:
        raise RequestError(_NO_METHOD, 405)
    return Route(kind, name)


def _kind(name: str, reads: bool) -> Kind | None:
    """The kind of a route below Gradio's API; None if it is closed."""
    first, _, rest = name.partition("/")
    parts = rest.count("/") + 1 if rest else 0
    if name in _READ:
        return Kind.PLAIN
    if name in _MADE_FOR_PROGRAMS:
        return Kind.PAGE
    if name in _SENT:
        return Kind.EVENT
    if name == "upload":
        return Kind.UPLOAD
    if name in ("queue/data", "upload_progress") or (first == "heartbeat" and parts == 1):
        return Kind.STREAM
    if first == "run" and parts == 1:
        return Kind.EVENT
    if first == "call":
        # An endpoint's name and, of its answer, the event.
        known = parts - rest.startswith("v2/") == (2 if reads else 1)
        return (Kind.STREAM if reads else Kind.EVENT) if known else None
    return None
