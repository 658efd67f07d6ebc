"""Which other pages may ask this one, and by which names it is known.

A browser on the owner's machine also runs pages of strangers. They reach a page on loopback from
another port, or by a name of theirs that they let point to 127.0.0.1 (DNS rebinding).
"""

import ipaddress
from typing import Any
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.types import Scope

# Under each of them a page on loopback is known, whatever it was told.
_LOCAL = frozenset({"localhost", "127.0.0.1", "::1"})
_EVERYWHERE = frozenset({"0.0.0.0", "::"})
# The key under which the gate writes the names into a request's scope.
_NAMES = "songnet.names"


def set_names(scope: Scope, proxied: bool) -> None:
    """Writes into a request's scope by which names the page may be asked for; else by any.

    Parameters
    ----------
    scope : of an HTTP request
    proxied : bool
        Whether a trusted proxy sent it, which knows the page by another name.
    """
    app = scope.get("app")
    given = getattr(app.get_blocks(), "server_name", None) if app is not None else None
    address = (scope.get("server") or ("",))[0]
    if not proxied and given and given not in _EVERYWHERE and _is_local(address):
        scope[_NAMES] = _LOCAL | {given.lower(), address}


def knows_host(scope: Scope, headers: Headers) -> bool:
    """Whether the page is known by the name that a request names.

    The port may be another one: a tunnel has its own.
    """
    names = scope.get(_NAMES)
    return names is None or "host" not in headers or _name(headers["host"]) in names


def may_write(scope: Scope, headers: Headers) -> bool:
    """Whether a request that changes something comes from no page, this one, or a public one's."""
    if "origin" not in headers or "host" not in headers:
        return True
    if _NAMES in scope:
        return _is_same(headers)
    return is_valid_origin(None, headers)


def is_valid_origin(self: Any, request_headers: Headers) -> bool:  # noqa: ARG001
    """Whether a page may read what a request is answered: on one's own machine, this one alone.

    Replaces Gradio's method, which takes all ports of one's own machine for one page.
    """
    name = _name(request_headers.get("host", ""))
    return not (_is_local(name) or name in _EVERYWHERE) or _is_same(request_headers)


def _is_same(headers: Headers) -> bool:
    origin = headers["origin"].lower()
    return origin.partition("://")[2] == headers.get("host", "").lower() != ""


def _name(host: str) -> str:
    """The name in a host, without its port; empty if there is none."""
    try:
        return urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return ""


def _is_local(name: str) -> bool:
    try:
        return name == "localhost" or ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False
