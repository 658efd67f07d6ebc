"""What an answer says: known headers, sentences for errors, and nothing of the server."""

import json
import socket
from functools import partial
from types import SimpleNamespace
from urllib.parse import urlsplit

import httpx
import pytest
from gradio.utils import get_upload_folder
from starlette.datastructures import Headers

from songnet.sandbox import Sandbox
from songnet.ui import page as page_of_songnet
from songnet.ui.analysis import Analyser
from songnet.ui.server import answers, failures, gate, health, origins, passage
from tests.support import songs
from tests.support.page_visits import outcome, served
from tests.support.paths import ROOT

KNOWN = {
    *("date", "content-type", "content-length", "content-disposition", "content-range"),
    *("accept-ranges", "etag", "last-modified", "cache-control", "vary", "content-encoding"),
    *("x-content-type-options", "referrer-policy", "content-security-policy"),
    *("transfer-encoding", "connection", "allow", "location"),
}


def raw(address, head, body=b""):
    """The answer to a request as it is written here, until the server ends the connection."""
    server = urlsplit(address)
    with socket.create_connection((server.hostname, server.port)) as connection:
        connection.settimeout(60)
        text = head.format(host=server.netloc).replace("\n", "\r\n")
        connection.sendall(text.encode() + b"\r\n\r\n" + body)
        answer = b""
        while received := connection.recv(10_000):
            answer += received
        return answer.decode()


@pytest.fixture
def uploaded(http, tmp_path):
    path = songs.write(tmp_path / "tune.wav", songs.synthesise(1.5))
    return http.post("gradio_api/upload", files={"files": (path.name, path.read_bytes())}).json()[0]


def test_a_part_of_a_file_comes_without_what_the_request_said(http, uploaded):
    secrets = {"Cookie": "session=secret", "Authorization": "Bearer secret", "X-Own": "secret"}
    answer = http.get(f"gradio_api/file={uploaded}", headers=secrets | {"Range": "bytes=0-9"})
    assert answer.status_code == 206
    assert answer.content.startswith(b"RIFF")
    assert len(answer.content) == 10
    assert answer.headers["content-range"].startswith("bytes 0-9/")
    assert "secret" not in str(answer.headers)


@pytest.mark.parametrize(("length", "statuses"), [(300, (403, 404)), (30_000, (414,))])
@pytest.mark.parametrize("route", ["static", "assets", "svelte", "gradio_api/file={folder}"])
def test_a_long_path_is_refused_and_not_logged(http, caplog, route, length, statuses):
    refused = http.get(f"{route.format(folder=get_upload_folder())}/{'a' * length}")
    assert refused.status_code in statuses
    assert caplog.text == ""


def test_an_unforeseen_error_is_logged_once_and_shortly(monkeypatch, caplog):
    now = [100.0]
    monkeypatch.setattr(failures.time, "monotonic", lambda: now[0])
    unforeseen = failures.Unforeseen()

    def fail(kind):
        try:
            raise kind("x" * 100_000)
        except kind as error:
            unforeseen.log(error, "y" * 100_000)

    for kind in (KeyError, KeyError, ValueError):
        fail(kind)
    assert [record.levelname for record in caplog.records] == ["ERROR"] * 2
    assert len(caplog.text) < 3_000
    assert "in fail" in caplog.text
    now[0] += 61
    fail(KeyError)
    assert len(caplog.records) == 3


@pytest.mark.parametrize(
    "route", ["", "config", "theme.css", "favicon.ico", "gradio_api/info", "robots.txt", "no/page"]
)
def test_an_answer_has_known_headers_and_says_who_may_show_it(http, route):
    headers = http.get(route).headers
    assert set(headers) <= KNOWN
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    policy = headers["content-security-policy"]
    assert policy.startswith("frame-ancestors 'self' ")
    assert {"https://huggingface.co", "https://*.hf.space"} <= set(policy.split())


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS"])
@pytest.mark.parametrize(
    "route",
    [
        "gradio_api/file={folder}/no/such/file.wav",
        "gradio_api/file=/etc/hostname",
        "gradio_api/queue/data?session_hash=unknown",
        "gradio_api/call/classify/unknown",
        "gradio_api/call/nothing",
        "gradio_api/upload",
        "gradio_api/upload_progress?upload_id=unknown",
        "gradio_api/run/nothing",
        "gradio_api/custom_component/a/b/c/d",
        "assets/../../../../etc/hostname",
        "assets/nothing.js",
        "static/nothing",
        "svelte/nothing",
        "pwa_icon/9999999999999",
        "login",
        "?deep_link=../../x",
    ],
)
def test_an_error_is_a_sentence_without_a_path(http, method, route):
    with http.stream(method, route.format(folder=get_upload_folder())) as answer:
        if answer.status_code == 200 and "event-stream" not in answer.headers["content-type"]:
            return
        text = answer.read().decode()
    assert answer.status_code < 500
    for secret in ("Traceback", "site-packages", str(ROOT), get_upload_folder(), "Error:", "/etc"):
        assert secret not in text
    if answer.status_code >= 400 and method != "HEAD":
        detail = json.loads(text)["detail"] if text.startswith("{") else text
        assert detail.endswith(".")
        assert " " in detail


def test_who_waits_for_what_nobody_knows_is_told_so_in_the_stream(http):
    called = http.get("gradio_api/call/classify/0123456789abcdef")
    assert called.text == f"event: error\ndata: {json.dumps(passage.NO_SESSION)}\n\n"
    listened = http.get("gradio_api/queue/data?session_hash=nobody")
    message = json.loads(listened.text.removeprefix("data: "))
    assert message["message"] == passage.NO_SESSION
    assert message["session_not_found"] is True


def test_a_request_with_two_lengths_is_refused(address):
    head = (
        "POST /gradio_api/cancel HTTP/1.1\nHost: {host}\nContent-Length: 5\n"
        "Transfer-Encoding: chunked\nContent-Type: application/json"
    )
    answer = raw(address, head, b"0\r\n\r\n")
    assert answer.startswith("HTTP/1.1 400 ")
    assert gate.TWO_LENGTHS in answer


def test_a_long_query_is_refused(http):
    answer = http.get(f"config?{'x' * 5_000}")
    assert (answer.status_code, answer.json()) == (414, {"detail": answers.NOT_UNDERSTOOD})


@pytest.mark.parametrize(
    "origin",
    [
        *("http://example.org", "null", "http://localhost.example.org"),
        *("http://localhost:9999", "http://127.0.0.1:1", "http://127.0.0.1"),
    ],
)
@pytest.mark.parametrize("route", ["upload", "queue/join", "call/classify", "run/x", "cancel"])
def test_another_page_sends_nothing_to_a_page_on_this_machine(http, origin, route):
    """A form sends files without asking first: no answer is read, but the files would stay."""
    answer = http.post(f"gradio_api/{route}", files={"files": b"x"}, headers={"Origin": origin})
    assert (answer.status_code, answer.json()) == (403, {"detail": gate.NO_ORIGIN})


def test_the_page_itself_sends(http, address):
    headers = {"Origin": address.rstrip("/")}
    assert http.post("gradio_api/upload", files={"files": b"x"}, headers=headers).is_success
    tunnel = {"Origin": "http://localhost:9000", "Host": "localhost:9000"}
    assert http.post("gradio_api/upload", files={"files": b"x"}, headers=tunnel).is_success
    assert http.post("gradio_api/upload", files={"files": b"x"}).is_success


@pytest.mark.parametrize("route", ["", "config", "static/x", "gradio_api/upload"])
@pytest.mark.parametrize("host", ["evil.example", "evil.example:7860", "127.0.0.1.evil.example"])
def test_a_page_on_this_machine_is_known_by_its_own_names_alone(http, host, route):
    """By another's name that points here, a page of that name would be of one origin with this."""
    headers = {"Host": host, "Origin": f"http://{host}"}
    answer = http.request("POST" if "upload" in route else "GET", route, headers=headers)
    assert (answer.status_code, answer.json()) == (403, {"detail": gate.NO_HOST})


@pytest.mark.parametrize("origin", ["http://localhost:9999", "http://127.0.0.1:1", "own"])
def test_a_page_of_another_port_reads_no_answer(http, address, origin):
    own = origin == "own"
    headers = {"Origin": address.rstrip("/") if own else origin}
    for method in ("GET", "OPTIONS"):
        asks = {"Access-Control-Request-Method": "POST"} if method == "OPTIONS" else {}
        answer = http.request(method, "config", headers=headers | asks)
        assert ("access-control-allow-origin" in answer.headers) is own


@pytest.mark.parametrize(
    ("name", "peer", "server", "headers", "reads", "writes"),
    [
        ("127.0.0.1", "127.0.0.1", "127.0.0.1", {"host": "[::1]:7860"}, True, True),
        ("127.0.0.1", "127.0.0.1", "127.0.0.1", {}, True, True),
        ("127.0.0.1", "127.0.0.1", "127.0.0.1", {"host": "["}, False, True),
        ("mybox", "127.0.0.1", "127.0.1.1", {"host": "MyBox:7860"}, True, True),
        ("mybox", "127.0.0.1", "127.0.1.1", {"host": "evil.example"}, False, True),
        (
            *("mybox", "127.0.0.1", "127.0.1.1"),
            *({"host": "mybox:7860", "origin": "http://mybox:9999"}, True, False),
        ),
        # Public pages, and those behind a proxy that is named, are open to all.
        (
            *("0.0.0.0", "127.0.0.1", "127.0.1.1"),
            *({"host": "mybox:7860", "origin": "https://example.org"}, True, True),
        ),
        (
            *("0.0.0.0", "127.0.0.1", "127.0.0.1"),
            *({"host": "localhost:7860", "origin": "http://localhost:9999"}, True, False),
        ),
        (
            *("127.0.0.1", "10.0.0.1", "127.0.0.1"),
            *({"host": "songnet.example.com", "origin": "https://example.org"}, True, True),
        ),
    ],
)
def test_by_which_names_a_page_is_known_and_who_may_send(
    name, peer, server, headers, reads, writes
):
    page = SimpleNamespace(server_name=name)
    scope = {"app": SimpleNamespace(get_blocks=lambda: page), "server": (server, 7860)}
    origins.set_names(scope, proxied=peer == "10.0.0.1")
    assert origins.knows_host(scope, Headers(headers)) is reads
    assert origins.may_write(scope, Headers(headers)) is writes


@pytest.fixture
def job():
    """What `/health` has done: each entry that it takes raises, if it is an exception."""
    return []


@pytest.fixture
def watched(analyser, examples, job):
    """A page whose health is looked at."""

    def work():
        if job and (outcome := job.pop(0)) is not None:
            raise outcome

    page = page_of_songnet.build(analyser, examples)
    with served(page, page_of_songnet.launch_options(job=work)):
        yield page


def test_health_is_a_job_that_was_done(watched, job, monkeypatch):
    url = f"{watched.local_url}health"
    job.extend([None, ValueError("x"), None])
    first = httpx.get(url, trust_env=False)
    assert (first.status_code, first.json()) == (200, {"healthy": True})
    # A finding stands for a while.
    assert httpx.get(url, trust_env=False).status_code == 200
    assert len(job) == 2
    monkeypatch.setattr(health, "_STANDS_S", 0.0)
    ill = httpx.get(url, trust_env=False)
    assert (ill.status_code, ill.json()) == (503, {"detail": health.NO_ANSWER})
    assert httpx.get(url, trust_env=False).status_code == 200
    watched._queue.last_turn = -1e9
    monkeypatch.setattr(health, "_STILL_S", -1.0)
    stopped = httpx.get(url, trust_env=False)
    assert (stopped.status_code, stopped.json()) == (503, {"detail": health.QUEUE_STOPPED})


def test_a_page_whose_decoders_are_dead_is_not_healthy(classifier, examples, tmp_path, monkeypatch):
    """Visitors still get an answer, which is no sign of health: it is the sentence of an error."""
    monkeypatch.setattr(health, "_STANDS_S", 0.0)
    song = songs.write(tmp_path / "tune.wav", songs.synthesise(1.5))
    with Sandbox(workers=1) as sandbox:
        analyser = Analyser(classifier, sandbox)
        page = page_of_songnet.build(analyser, examples)
        job = partial(analyser.predict, examples[0])
        with (
            served(page, page_of_songnet.launch_options(job=job)),
            httpx.Client(base_url=page.local_url, timeout=120, trust_env=False) as http,
        ):
            assert http.get("health").status_code == 200
            sandbox.close()
            files = {"files": (song.name, song.read_bytes())}
            (path,) = http.post("gradio_api/upload", files=files).json()
            assert outcome(http, path)[0] == "error"
            ill = http.get("health")
            assert (ill.status_code, ill.json()) == (503, {"detail": health.NO_ANSWER})


def test_a_page_without_a_job_has_no_health(http):
    assert http.get("health").status_code == 404


def test_a_page_that_no_longer_answers_ends_with_a_sentence(watched, monkeypatch):
    monkeypatch.setattr(page_of_songnet, "_WATCH_S", 0.01)
    watched._queue.stopped = True
    with pytest.raises(page_of_songnet.PageError, match="The queue has stopped"):
        page_of_songnet.watch(watched)
    watched._queue.stopped = False
    watched.server.close()
    with pytest.raises(page_of_songnet.PageError, match="The server has ended"):
        page_of_songnet.watch(watched)
