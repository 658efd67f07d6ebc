"""Connections that ask nothing, half, or too much at once."""

import asyncio
import contextlib
import os
import select
import socket
import threading
import time
from urllib.parse import urlsplit

import httpx
import psutil
import pytest

from songnet.settings import Settings
from songnet.ui import page as page_of_songnet
from songnet.ui.server import clients, connections, gate
from songnet.ui.server.clients import Proxies
from tests.support.loops import run
from tests.support.page_visits import served


def connect(address):
    server = urlsplit(address)
    connection = socket.create_connection((server.hostname, server.port))
    connection.settimeout(60)
    return connection


def is_closed(connection):
    """Whether the other side ends a connection, waited for."""
    try:
        return connection.recv(1_000) == b""
    except ConnectionResetError:
        return True


@pytest.fixture
def impatient(monkeypatch):
    """Heads have to come within 0.3 s."""
    monkeypatch.setattr(connections, "HEAD_S", 0.3)


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("sent", [b"", b"GET / HT", b"GET / HTTP/1.1\r\nHost: a\r\nX-A: b\r\n"])
def test_a_head_that_does_not_come_ends_the_connection(address, sent):
    with connect(address) as connection:
        connection.sendall(sent)
        assert is_closed(connection)


@pytest.mark.usefixtures("impatient")
def test_a_head_that_comes_drop_by_drop_ends_the_connection(address):
    with connect(address) as connection, contextlib.suppress(OSError):
        connection.sendall(b"GET / HTTP/1.1\r\n")
        for number in range(100):
            connection.sendall(f"X-{number}: a\r\n".encode())
            time.sleep(0.05)
        pytest.fail("the connection is still open")


@pytest.mark.usefixtures("impatient")
def test_the_head_after_an_answer_has_to_come_in_time(address):
    asked = f"GET /robots.txt HTTP/1.1\r\nHost: {urlsplit(address).netloc}\r\n\r\n".encode()
    with connect(address) as connection:
        for _ in range(2):
            connection.sendall(asked)
            answer = b""
            while not answer.endswith(b"Disallow: "):
                answer += connection.recv(10_000)
            assert answer.startswith(b"HTTP/1.1 ")
        connection.sendall(b"GET / HT")
        while not is_closed(connection):
            pass


@pytest.mark.usefixtures("impatient")
def test_an_answer_may_take_its_time(http, patience, tagged):
    """A song is listened to for longer than a head may take."""
    (path,) = http.post("gradio_api/upload", files={"files": tagged("a.wav").read_bytes()}).json()
    song = {"path": path, "meta": {"_type": "gradio.FileData"}}
    event = http.post("gradio_api/call/classify", json={"data": [song]}).json()["event_id"]
    threading.Timer(1.0, patience.set).start()
    assert "event: complete" in http.get(f"gradio_api/call/classify/{event}").text


@pytest.mark.parametrize("reads", [True, False])
def test_an_answer_that_is_not_read_ends_the_connection(address, http, monkeypatch, reads):
    """Else it would hold one of the places for files."""
    monkeypatch.setattr(connections, "SEND_S", 0.3)
    content = b"x" * 2**24
    (path,) = http.post("gradio_api/upload", files={"files": ("a.wav", content)}).json()
    server = urlsplit(address)
    with socket.socket() as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2**16)
        connection.settimeout(60)
        connection.connect((server.hostname, server.port))
        head = f"GET /gradio_api/file={path} HTTP/1.1\r\nHost: {server.netloc}\r\n"
        connection.sendall(f"{head}Connection: close\r\n\r\n".encode())
        if not reads:
            time.sleep(2)
        received = 0
        with contextlib.suppress(ConnectionResetError):
            while part := connection.recv(2**16):
                received += len(part)
                # All of it takes longer than an answer may stand still.
                time.sleep(0.003)
    assert (received > len(content)) is reads


def test_who_sends_slowly_holds_no_place(address, http):
    """Requests of one client whose bodies do not come are more than it may have at once."""
    head = (
        f"POST /gradio_api/cancel HTTP/1.1\r\nHost: {urlsplit(address).netloc}\r\n"
        "Content-Length: 100\r\nContent-Type: application/json\r\n\r\n{"
    )
    with contextlib.ExitStack() as stack:
        for _ in range(gate.REQUESTS[0] + 5):
            stack.enter_context(connect(address)).sendall(head.encode())
        body = {"session_hash": "a", "fn_index": 0, "event_id": "b"}
        assert http.post("gradio_api/cancel", json=body).status_code == 200


def test_a_client_behind_a_proxy_holds_so_many_requests(analyser, examples, monkeypatch):
    """Else one client's slow bodies would use up the connections of all."""
    monkeypatch.setattr(connections, "CONNECTIONS_EACH", 10)
    settings = Settings(trusted_proxies=("127.0.0.1",))
    page = page_of_songnet.build(analyser, examples, settings=settings)
    with (
        served(page, page_of_songnet.launch_options(settings)),
        contextlib.ExitStack() as stack,
    ):
        head = (
            f"POST /gradio_api/cancel HTTP/1.1\r\nHost: {urlsplit(page.local_url).netloc}\r\n"
            "X-Forwarded-For: 192.0.2.1\r\nContent-Length: 100\r\n\r\n{"
        )
        opened = [stack.enter_context(connect(page.local_url)) for _ in range(12)]
        for connection in opened:
            connection.sendall(head.encode())
        refused = []
        while len(refused) < 2:
            refused, _, _ = select.select(opened, [], [], 60)
            assert refused
        for connection in refused:
            assert connection.recv(10_000).startswith(b"HTTP/1.1 503 ")
        other = {"X-Forwarded-For": "192.0.2.2"}
        assert httpx.get(f"{page.local_url}config", headers=other, trust_env=False).is_success


def test_requests_that_wait_for_their_turn_are_counted_behind_a_proxy(monkeypatch):
    monkeypatch.setattr(connections, "CONNECTIONS_EACH", 20)

    async def use():
        done, statuses = asyncio.Event(), []

        async def app(_scope, _receive, send):
            await done.wait()
            await send({"type": "http.response.start", "status": 200, "headers": []})

        async def nothing():
            return {"type": "http.request"}

        async def send(message):
            if message["type"] == "http.response.start":
                statuses.append(message["status"])

        proxies = ("127.0.0.1",)
        asked = gate.Gate(app, Settings(trusted_proxies=proxies), proxies=Proxies(proxies))
        scope = {"type": "http", "client": ("127.0.0.1", 1), "method": "GET"}
        scope |= {"path": "/robots.txt", "query_string": b""}
        tasks = []
        for number in range(30):
            headers = [(b"x-forwarded-for", b"192.0.2.%d" % (number > 24))]
            tasks.append(asyncio.create_task(asked(scope | {"headers": headers}, nothing, send)))
        await asyncio.sleep(0.05)
        assert statuses == [503] * 5
        done.set()
        await asyncio.gather(*tasks)
        assert statuses[5:] == [200] * 25

    run(use())


def test_a_client_has_so_many_connections_and_gives_them_back(address, monkeypatch):
    monkeypatch.setattr(connections, "CONNECTIONS_EACH", 10)
    before = psutil.Process().num_fds()
    with contextlib.ExitStack() as stack:
        opened = [stack.enter_context(connect(address)) for _ in range(300)]
        closed = 0
        for connection in opened:
            connection.settimeout(0.05)
            with contextlib.suppress(TimeoutError):
                closed += is_closed(connection)
        assert 285 < closed <= 300
        assert psutil.Process().num_fds() - before < 300 + 60
    until = time.monotonic() + 60
    while psutil.Process().num_fds() > before + 5:
        assert time.monotonic() < until
        time.sleep(0.05)
    assert httpx.get(f"{address}config", trust_env=False).status_code == 200


def test_all_together_have_so_many_connections(monkeypatch):
    monkeypatch.setattr(connections, "CONNECTIONS", 20)
    opened = connections.Connections(Proxies(["10.0.0.0/8"]))
    assert all(opened.add("10.0.0.1") for _ in range(15))
    assert [opened.add(f"192.0.2.{n}") for n in range(7)] == [True] * 5 + [False] * 2
    for _ in range(10):
        opened.discard("10.0.0.1")
    assert opened.add("192.0.2.9")


def test_a_proxy_has_more_connections_than_a_client(monkeypatch):
    monkeypatch.setattr(connections, "CONNECTIONS_EACH", 3)
    opened = connections.Connections(Proxies(["10.0.0.0/8"]))
    assert [opened.add("10.0.0.1") for _ in range(9)] == [True] * 9
    assert [opened.add("192.0.2.1") for _ in range(5)] == [True] * 3 + [False] * 2


def test_fewer_connections_than_the_process_may_have_descriptors():
    opened = connections.Connections(Proxies())
    assert opened._most < os.sysconf("SC_OPEN_MAX")


@pytest.mark.parametrize(
    ("host", "client"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::", "2001:db8:1:2::/64"),
        ("x" * 500, "x" * 64),
    ],
)
def test_whose_an_address_is(host, client):
    assert clients.client_of_address(host) == client


@pytest.mark.parametrize(
    ("peer", "forwarded", "client"),
    [
        ("10.1.2.3", "203.0.113.9", "203.0.113.9"),
        # Each proxy adds at the end from whom it has it; what comes before is the visitor's word.
        ("10.1.2.3", "198.51.100.1, 203.0.113.9", "203.0.113.9"),
        ("10.1.2.3", "198.51.100.1, 203.0.113.9, 10.0.0.7", "203.0.113.9"),
        ("10.1.2.3", "203.0.113.9:4711", "203.0.113.9"),
        ("10.1.2.3", "2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("10.1.2.3", "[2001:db8:1:2:3:4:5:6]:4711", "2001:db8:1:2::/64"),
        ("10.1.2.3", "", "10.1.2.3"),
        ("203.0.113.7", "198.51.100.1", "203.0.113.7"),
    ],
)
def test_whose_a_forwarded_request_is(peer, forwarded, client):
    seen = []

    async def app(scope, _receive, _send):
        seen.append(clients.client_of(scope))

    async def nothing(*_):
        return {"type": "http.request"}

    networks = ("10.0.0.0/8",)
    settings = Settings(trusted_proxies=networks)
    headers = [(b"x-forwarded-for", forwarded.encode())]
    scope = {"type": "http", "client": (peer, 1), "headers": headers}
    scope |= {"method": "GET", "path": "/robots.txt", "query_string": b""}
    run(gate.Gate(app, settings, proxies=Proxies(networks))(scope, nothing, nothing))
    assert seen == [client]


@pytest.mark.parametrize("trusted", [True, False])
def test_a_page_is_told_its_address_by_a_trusted_proxy_alone(analyser, examples, trusted):
    settings = Settings(trusted_proxies=("127.0.0.1",) if trusted else ())
    page = page_of_songnet.build(analyser, examples, settings=settings)
    with served(page, page_of_songnet.launch_options(settings)):
        headers = {"X-Forwarded-Host": "songnet.example.org", "X-Forwarded-Proto": "https"}
        answer = httpx.get(f"{page.local_url}config", headers=headers, trust_env=False)
        root = answer.json()["root"]
    # For what stands in between and keeps answers.
    assert "X-Forwarded-Host" in answer.headers["vary"]
    assert root == ("https://songnet.example.org" if trusted else page.local_url.rstrip("/"))
