"""What strangers leave behind: after each attack all that is kept is what it was before."""

import asyncio
import contextlib
import socket
import threading
import time
from pathlib import Path
from urllib.parse import urlsplit

import anyio._backends._asyncio
import httpx
import psutil
import pytest
from gradio.routes import file_upload_statuses
from gradio.utils import get_upload_folder

from songnet.ui import page as page_of_songnet
from songnet.ui.server import fair_queue, gate, passage, room, sessions
from tests.support import songs
from tests.support.page_visits import event_of, served

MANY = 12
# Of so many sessions the page keeps a state, whoever comes.
STATES = 3


class Stranger:
    """Somebody on loopback, and the page that is attacked.

    Attributes
    ----------
    page : gradio.Blocks
    loop : the page's event loop
    http : httpx.Client
    """

    def __init__(self, page, loop):
        self.page, self.loop = page, loop
        self.http = httpx.Client(base_url=page.local_url, timeout=120, trust_env=False)
        config = self.http.get("config").json()
        self.event = event_of(config, "listen", "click")

    def upload(self, path):
        (sent,) = self.http.post(
            "gradio_api/upload", files={"files": (path.name, path.read_bytes())}
        ).json()
        return {"path": sent, "meta": {"_type": "gradio.FileData"}}

    def join(self, session, song=None):
        body = {"data": [song, False], "fn_index": self.event, "session_hash": session}
        return self.http.post("gradio_api/queue/join", json=body)

    def connect(self):
        server = urlsplit(self.page.local_url)
        return socket.create_connection((server.hostname, server.port))

    def kept(self):
        """How many entries everything holds in which something is kept, by name."""
        holders = {
            "app": self.page.app,
            "page": self.page,
            "queue": self.page._queue,
            "states": self.page.app.state_holder,
            "uploads": file_upload_statuses,
        }
        entries = {
            f"{holder}.{name}": len(value)
            for holder, held in holders.items()
            for name, value in vars(held).items()
            if isinstance(value, dict | list | set)
        }
        return entries | {
            "files": sum(path.is_file() for path in Path(get_upload_folder()).rglob("*")),
            "reserved": room.ROOM.size + room.ROOM.files,
            "descriptors": psutil.Process().num_fds(),
            "threads": threading.active_count(),
            "tasks": len(asyncio.all_tasks(self.loop)),
        }

    def left(self, before):
        """What holds more than before."""
        # A thread that has nothing to do ends when the next one is asked for.
        self.http.get("robots.txt")
        return {name: n for name, n in self.kept().items() if n > before.get(name, 0)}


@pytest.fixture
def stranger(analyser, examples, monkeypatch, tmp_path):
    """A page of its own, with a folder of its own, and somebody who means harm."""
    loops = []
    start = fair_queue.FairQueue.start

    def note_loop(queue):
        loops.append(asyncio.get_running_loop())
        start(queue)

    monkeypatch.setattr(fair_queue.FairQueue, "start", note_loop)
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path / "uploads"))
    monkeypatch.setattr(gate, "RATES", {})
    monkeypatch.setattr(sessions, "SWEEP_S", 0.05)
    monkeypatch.setattr(passage, "REMEMBERED_S", 0.0)
    monkeypatch.setattr(anyio._backends._asyncio.WorkerThread, "MAX_IDLE_TIME", 0.0)
    monkeypatch.setattr(page_of_songnet, "_SESSIONS", STATES)
    page = page_of_songnet.build(analyser, examples)
    with served(page, page_of_songnet.launch_options()):
        stranger = Stranger(page, loops[-1])
        yield stranger
        stranger.http.close()


def sessions_that_never_listen(stranger, song):
    for number in range(MANY):
        stranger.join(f"x{number}", song)


def sessions_that_break_off(stranger, song):
    for number in range(MANY):
        stranger.join(f"x{number}", song)
        with stranger.http.stream("GET", f"gradio_api/queue/data?session_hash=x{number}"):
            pass


def calls_and_cancels(stranger, song):
    for number in range(MANY):
        session = f"x{number}"
        joined = stranger.join(session, song)
        event = joined.json().get("event_id", "none")
        names = {"session_hash": session, "fn_index": stranger.event, "event_id": event}
        stranger.http.post("gradio_api/cancel", json=names)
        stranger.http.post("gradio_api/reset", json={"event_id": event})
        stranger.http.post("gradio_api/reset", json={"event_id": f"e{number}"})


def names_of_a_megabyte(stranger, song):
    for number in range(5):
        name = f"{number}" + "x" * 2**20
        stranger.join(name, song)
        for route in ("cancel", "reset", f"upload?upload_id={number}"):
            body = {"session_hash": name, "event_id": name, "fn_index": 0}
            stranger.http.post(f"gradio_api/{route}", json=body)


def batches_that_are_left(stranger, song):
    for _ in range(3):
        called = stranger.http.post("gradio_api/call/classify_batch", json={"data": [[song] * 10]})
        event = called.json()["event_id"]
        with stranger.http.stream("GET", f"gradio_api/call/classify_batch/{event}"):
            pass


def names_that_nobody_knows(stranger, _song):
    for number in range(MANY):
        name = f"n{number}"
        stranger.http.get(f"gradio_api/queue/data?session_hash={name}")
        stranger.http.get(f"gradio_api/call/classify/{name}")
    # Each of these is waited for, in case that the upload begins.
    for name in ("n1", "n2"):
        with stranger.http.stream("GET", f"gradio_api/upload_progress?upload_id={name}"):
            pass


def hearts(stranger, _song):
    for number in range(MANY):
        with stranger.http.stream("GET", f"gradio_api/heartbeat/h{number}") as stream:
            next(stream.iter_lines())


def uploads_that_fail(stranger, _song):
    kind = {"Content-Type": "multipart/form-data; boundary=x"}
    part = '--x\r\nContent-Disposition: form-data; name="files"; filename="{}"\r\n\r\nabc\r\n'
    for number in range(MANY):
        names = ("a.wav", "b.wav", ("..", "c.wav")[number % 2])
        url = f"gradio_api/upload?upload_id=u{number}"
        end = ("--x--", "")[number % 2]
        content = "".join(map(part.format, names)) + end
        assert stranger.http.post(url, content=content, headers=kind).status_code == 400


def connections_that_say_nothing(stranger, _song):
    head = f"Host: {urlsplit(stranger.page.local_url).netloc}\r\nContent-Length: 900000\r\n"
    begun = (
        f"POST /gradio_api/upload?upload_id=u HTTP/1.1\r\n{head}"
        "Content-Type: multipart/form-data; boundary=x\r\n\r\n"
        '--x\r\nContent-Disposition: form-data; name="files"; filename="a.wav"\r\n\r\nabc'
    )
    sent = ("", "GET / HT", begun, f"POST /gradio_api/queue/join HTTP/1.1\r\n{head}\r\n{{")
    with contextlib.ExitStack() as stack:
        for number in range(MANY):
            stack.enter_context(stranger.connect()).sendall(sent[number % 4].encode())
        # The server has taken what was sent before all of it is broken off.
        until = time.monotonic() + 60
        while not room.ROOM.size:
            assert time.monotonic() < until
            time.sleep(0.02)


def hostile_bodies(stranger, _song):
    for body in (
        b'{"data":[[' + b"{}," * 25_000 + b"{}]]}",
        b"[" * 100_000,
        b'{"data":' + b"9" * 100_000 + b"}",
        b"\xff" * 100_000,
    ):
        for route in ("queue/join", "call/classify", "run/x", "cancel", "reset"):
            refused = stranger.http.post(f"gradio_api/{route}", content=body)
            assert 400 <= refused.status_code < 500


@pytest.mark.parametrize(
    "attack",
    [
        sessions_that_never_listen,
        sessions_that_break_off,
        calls_and_cancels,
        names_of_a_megabyte,
        batches_that_are_left,
        names_that_nobody_knows,
        hearts,
        uploads_that_fail,
        connections_that_say_nothing,
        hostile_bodies,
    ],
    ids=lambda attack: attack.__name__,
)
def test_an_attack_leaves_nothing(stranger, attack, tmp_path, monkeypatch):
    song = stranger.upload(songs.write(tmp_path / "tune.wav", songs.synthesise(1.5)))
    # Visitors, so that what is made once is there.
    for number in range(STATES + 1):
        stranger.join(f"visitor{number}", song)
        stranger.http.get(f"gradio_api/queue/data?session_hash=visitor{number}")
    for name, data in (("classify", [song]), ("classify_batch", [[song]])):
        called = stranger.http.post(f"gradio_api/call/{name}", json={"data": data}).json()
        stranger.http.get(f"gradio_api/call/{name}/{called['event_id']}")
    before = stranger.kept()
    attack(stranger, song)
    monkeypatch.setattr(sessions, "LEFT_S", 0.0)
    monkeypatch.setattr(sessions, "KEEP_S", 0.0)
    until = time.monotonic() + 120
    while left := stranger.left(before):
        assert time.monotonic() < until, left
        time.sleep(0.1)
