"""Connections to the server: how many, and how long one may stay silent or read nothing."""

import logging
import resource
import time
from asyncio import TimerHandle, Transport
from collections import Counter
from typing import Any

from gradio.http_server import Server
from uvicorn.config import Config
from uvicorn.protocols.http.h11_impl import H11Protocol

from songnet.ui.server.clients import Proxies, client_of_address

# In all, and of one client, unless it is a trusted proxy.
CONNECTIONS = 1_024
CONNECTIONS_EACH = 128
# From the connection, or the last answer, to the whole head of the next request.
HEAD_S = 15.0
# In so much time whoever is sent an answer has to read a part of it, or the connection is closed.
SEND_S = 30.0
_SLOWEST_BYTES_A_S = 2**10
# New connections that the system holds while the server does something else: they are accepted at
# once, before any of them is counted, and must not use up the process's descriptors.
_BACKLOG = 64
_HEAD_BYTES = 32 * 2**10
_SAY_S = 60.0
_LOG = logging.getLogger(__name__)


class Connections:
    """The open connections of one server, by client.

    Parameters
    ----------
    proxies : Proxies
        Their connections count in all, but not as a client's.
    """

    def __init__(self, proxies: Proxies) -> None:
        self._proxies = proxies
        self._open: Counter[str] = Counter()
        descriptors, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
        self._most = min(CONNECTIONS, max(16, descriptors // 2))
        self._said = -_SAY_S

    def add(self, host: str) -> bool:
        """Notes a connection, and says whether it may stay."""
        client = self._client(host)
        self._open[client] += 1
        allowed = self._open.total() <= self._most
        allowed = allowed and (not client or self._open[client] <= CONNECTIONS_EACH)
        if not allowed and time.monotonic() - self._said > _SAY_S:
            self._said = time.monotonic()
            _LOG.warning("Connections are refused: %d are open", self._open.total())
        return allowed

    def discard(self, host: str) -> None:
        """Notes that a connection ended."""
        client = self._client(host)
        self._open[client] -= 1
        if not self._open[client]:
            del self._open[client]

    def _client(self, host: str) -> str:
        return "" if host in self._proxies else client_of_address(host)


class PatientServer(Server):
    """Gradio's server, whose connections are limited, and closed if they do not ask.

    Replaces its base class (`gradio_patches`): neither it nor Gradio's `launch` has a setting.
    """

    def __init__(self, config: Config, *arguments: Any, **named: Any) -> None:
        connections = Connections(_proxies(config.app))

        class Protocol(_Protocol):
            """The protocol of this server."""

            open_connections = connections

        config.http = Protocol
        config.ws = "none"
        config.backlog = _BACKLOG
        config.h11_max_incomplete_event_size = _HEAD_BYTES
        config.server_header = False
        # The gate believes trusted proxies alone.
        config.proxy_headers = False
        # What strangers send is not worth a line each.
        config.log_level = "error"
        config.configure_logging()
        for library in ("python_multipart", "mcp"):
            logging.getLogger(library).setLevel(logging.ERROR)
        super().__init__(config, *arguments, **named)


def _proxies(app: Any) -> Proxies:
    """The proxies that the gate of an application trusts."""
    middleware = getattr(app, "user_middleware", ())
    found = (entry.kwargs.get("proxies") for entry in middleware)
    return next((proxies for proxies in found if proxies is not None), Proxies())


class _Protocol(H11Protocol):
    """HTTP on one connection, with time limits for each request's head, and for reading answers."""

    open_connections: Connections
    _head_timer: TimerHandle | None = None
    _send_timer: TimerHandle | None = None
    _host = ""

    def connection_made(self, transport: Transport) -> None:  # pyright: ignore[reportIncompatibleMethodOverride]
        super().connection_made(transport)
        self._host = self.client[0] if self.client else ""
        if self.open_connections.add(self._host):
            self._wait_for_head()
        else:
            transport.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        self.open_connections.discard(self._host)
        self._stop_waiting()
        self._stop_watching()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self._answers():
            self._stop_waiting()

    def pause_writing(self) -> None:
        super().pause_writing()
        self._watch()

    def resume_writing(self) -> None:
        self._stop_watching()
        super().resume_writing()

    def on_response_complete(self) -> None:
        super().on_response_complete()
        if not self._answers():
            self._wait_for_head()

    def _answers(self) -> bool:
        """Whether a request is being answered."""
        return self.cycle is not None and not self.cycle.response_complete

    def _wait_for_head(self) -> None:
        self._stop_waiting()
        self._head_timer = self.loop.call_later(HEAD_S, self._give_up)

    def _stop_waiting(self) -> None:
        if self._head_timer is not None:
            self._head_timer.cancel()
            self._head_timer = None

    def _give_up(self) -> None:
        if not self._answers() and not self.transport.is_closing():
            self.transport.abort()

    def _watch(self) -> None:
        """Closes the connection unless enough of what waits to be sent is read in time."""
        self._stop_watching()
        unread = self.transport.get_write_buffer_size()
        self._send_timer = self.loop.call_later(SEND_S, self._look, unread)

    def _look(self, unread: int) -> None:
        if unread - self.transport.get_write_buffer_size() < SEND_S * _SLOWEST_BYTES_A_S:
            self.transport.abort()
        else:
            self._watch()

    def _stop_watching(self) -> None:
        if self._send_timer is not None:
            self._send_timer.cancel()
            self._send_timer = None
