"""A small Hub on 127.0.0.1 that the real `huggingface_hub` client talks to, and that can fail."""

import re
import threading
import time
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Literal
from urllib.parse import urlsplit

from tests.support.hub_api import Answer, Hub, Request
from tests.support.hub_store import File, Repository


@dataclass
class Failure:
    """What goes wrong with requests of one kind, as often as `times` says."""

    method: str
    pattern: str
    status: int | None
    headers: dict[str, str]
    how: Literal["refuse", "hang up", "stall", "answer lost", "break off", "corrupt"]
    times: float


@dataclass
class HubServer:
    """The tests' Hub, served.

    Attributes
    ----------
    hub : Hub
        Its state.
    requests : list of str
        ``"METHOD /path"`` of every request so far.
    """

    hub: Hub = field(default_factory=Hub)
    requests: list[str] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)

    def __enter__(self):
        handler = type("Handler", (_Handler,), {"owner": self})
        self._http = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self._http.daemon_threads = True
        self.hub.url = f"http://127.0.0.1:{self._http.server_port}"
        self._lock = threading.Lock()
        threading.Thread(target=self._http.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, *_):
        self._http.shutdown()
        self._http.server_close()

    @property
    def url(self) -> str:
        return self.hub.url

    def add(self, kind: str, repo: str, files: dict[str, bytes]) -> Repository:
        """Puts a repository with one commit there."""
        repository = self.hub.repositories[kind, repo] = Repository(repo, kind)
        large = (".tflite", ".keras")
        tree = {path: File(data, path.endswith(large)) for path, data in files.items()}
        repository.commit(tree, "files")
        return repository

    def fail(
        self,
        method: str,
        pattern: str,
        status: int | None = None,
        how: str = "refuse",
        times: float = float("inf"),
        **headers: str,
    ) -> None:
        """Lets requests whose method and path match fail.

        ``refuse`` answers with `status` and `headers`; ``hang up`` closes the connection;
        ``stall`` does so after a second; ``answer lost`` does what is asked and closes the
        connection; ``break off`` closes it after half the body; ``corrupt`` sends a body with
        other bytes.
        """
        named = {key.replace("_", "-"): value for key, value in headers.items()}
        self.failures.append(Failure(method, pattern, status, named, how, times))

    def count(self, method: str, pattern: str) -> int:
        """How many requests of one kind there were."""
        return sum(re.search(pattern, r) is not None for r in self.requests if r.startswith(method))

    def failing(self, request: Request) -> Failure | None:
        with self._lock:
            self.requests.append(f"{request.method} {request.path}")
            for failure in self.failures:
                fits = request.method == failure.method and failure.times > 0
                if fits and re.search(failure.pattern, request.path):
                    failure.times -= 1
                    return failure
        return None

    def answer(self, request: Request) -> Answer:
        with self._lock:
            return self.hub.answer(request)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    owner: HubServer

    def _serve(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        headers = {key.lower(): value for key, value in self.headers.items()}
        request = Request(self.command, urlsplit(self.path).path, headers, body)
        failure = self.owner.failing(request)
        how = failure.how if failure else "answer"
        if how == "refuse":
            self._send(Answer(failure.status, b'{"error": "told to fail"}', failure.headers))
        elif how in ("hang up", "stall"):
            time.sleep(how == "stall")
            self.close_connection = True
        else:
            answer = self.owner.answer(request)
            if how == "answer lost":
                self.close_connection = True
            elif how == "corrupt":
                self._send(Answer(answer.status, answer.body[::-1], answer.headers))
            else:
                self._send(answer, break_off=how == "break off")

    def _send(self, answer: Answer, break_off: bool = False) -> None:
        self.send_response(answer.status)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(answer.body)))
        self.end_headers()
        if self.command != "HEAD":
            half = len(answer.body) // 2
            self.wfile.write(answer.body[:half] if break_off else answer.body)
        self.close_connection |= break_off

    def log_message(self, *_) -> None:
        """Says nothing: the tests' output is pytest's."""

    do_GET = do_HEAD = do_POST = do_PUT = do_DELETE = _serve  # noqa: N815
