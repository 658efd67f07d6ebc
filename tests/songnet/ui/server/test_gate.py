"""What a stranger asks of the server that the page never would."""

import contextlib
import hashlib
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from types import SimpleNamespace

import httpx
import pytest
from gradio import networking
from gradio.utils import get_upload_folder
from gradio_client import Client, handle_file
from gradio_client.exceptions import ValidationError

from songnet.ui import page
from songnet.ui.server import answers, inputs
from tests.support import songs
from tests.support.page_visits import served
from tests.support.paths import ROOT


@pytest.fixture
def elsewhere():
    """Another server, on this machine, that writes down who asks it for something."""
    asked = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append(self.path)
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_):
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield SimpleNamespace(url=f"http://127.0.0.1:{server.server_port}", asked=asked)
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize("host", ["http://example.org", "https://huggingface.co", "own"])
def test_addresses_are_not_fetched_for_a_visitor(http, elsewhere, host):
    url = f"{elsewhere.url if host == 'own' else host}/song.mp3"
    song = {"path": url, "url": url, "meta": {"_type": "gradio.FileData"}}
    called = http.post("gradio_api/call/classify", json={"data": [song]})
    assert (called.status_code, called.json()) == (400, {"detail": inputs.NO_ADDRESSES})
    refused = http.get(f"gradio_api/file={url}")
    assert (refused.status_code, refused.json()) == (403, {"detail": inputs.NO_ADDRESSES})
    assert http.get(f"gradio_api/proxy={url}").status_code == 404
    assert elsewhere.asked == []


def test_gradio_s_client_is_told_why_an_address_is_refused(client, elsewhere):
    song = {"path": f"{elsewhere.url}/a.mp3", "meta": {"_type": "gradio.FileData"}}
    with pytest.raises(ValidationError, match=inputs.NO_ADDRESSES):
        client.predict(song, api_name="/classify")
    assert elsewhere.asked == []


@pytest.mark.parametrize(
    "path",
    [
        "/etc/hostname",
        str(ROOT / "app.py"),
        "app.py",
        f"{get_upload_folder()}/../../etc/hostname",
        f"{get_upload_folder()}/%2e%2e/%2e%2e/etc/hostname",
        f"{get_upload_folder()}/..%2f..%2fetc/hostname",
        "/proc/self/environ",
        "file:///etc/hostname",
        "//etc/hostname",
        "C:\\windows\\win.ini",
        "",
    ],
)
def test_no_file_but_those_of_visitors_is_handed_out(http, path):
    refused = http.get(f"gradio_api/file={path}")
    assert refused.status_code in (403, 404)
    assert "/tmp" not in refused.text.replace(path, "")
    assert Path("/etc/hostname").read_text() not in refused.text


@pytest.mark.parametrize(
    "route",
    [
        "gradio_api/deep_link?session_hash=a",
        "gradio_api/component_server",
        "gradio_api/process_recording",
        "gradio_api/runs",
        "gradio_api/run-history/buckets",
        "gradio_api/api/classify",
        "gradio_api/dev/reload",
        "gradio_api/vibe-code",
        "gradio_api/mcp/sse",
        "gradio_api/file/etc/hostname",
        "gradio_api/profiling/traces",
        "monitoring",
        "monitoring/summary",
    ],
)
def test_what_the_page_does_not_need_is_closed(http, route):
    for answer in (http.get(route), http.post(route, json={})):
        assert answer.status_code in (403, 404, 405)
        assert "Traceback" not in answer.text


def test_nobody_passes_the_queue(http):
    answer = http.post("gradio_api/run/classify", json={"data": [None]})
    assert answer.status_code == 404


def test_launch_settings_leave_nothing_open():
    options = page.launch_options()
    assert options["allowed_paths"] == []
    for closed in ("share", "run_history", "enable_monitoring", "mcp_server", "show_error"):
        assert options[closed] is False
    assert options["strict_cors"] is True


def test_a_slow_machine_serves_the_page_all_the_same(analyser, examples, monkeypatch):
    """Gradio waits 3 s for the page before it says that it must be shared by a tunnel."""
    monkeypatch.setattr(networking, "url_ok", lambda _: False)
    with served(page.build(analyser, examples), page.launch_options()) as slow:
        assert httpx.get(slow.local_url, timeout=60).status_code == 200


def test_no_analytics(http):
    assert http.get("config").json()["analytics_enabled"] is False


def test_a_visitor_s_file_cannot_be_found_by_who_knows_its_content(client, http, tmp_path):
    path = songs.write(tmp_path / "known.wav", songs.synthesise(2, seed=7))
    with path.open("rb") as file:
        (uploaded,) = http.post("gradio_api/upload", files={"files": (path.name, file)}).json()
    guessed = Path(get_upload_folder()) / hashlib.sha256(path.read_bytes()).hexdigest() / path.name
    assert Path(uploaded) != guessed
    assert http.get(f"gradio_api/file={guessed}").status_code == 403
    assert http.get(f"gradio_api/file={Path(uploaded).parent}").status_code == 403
    assert http.get(f"gradio_api/file={get_upload_folder()}").status_code == 403
    # Its owner, who knows the path, gets it.
    assert http.get(f"gradio_api/file={uploaded}").content == path.read_bytes()
    assert client.predict(handle_file(path), api_name="/classify")["file"] == "known.wav"


@pytest.mark.parametrize(
    "route",
    [
        "gradio_api/call/classify/0123456789abcdef0123456789abcdef",
        "gradio_api/queue/data?session_hash=somebody",
    ],
)
def test_a_result_is_given_to_who_asked_for_it_alone(http, route):
    received = ""
    # Gradio breaks the connection off when nobody has such a result.
    with contextlib.suppress(httpx.RemoteProtocolError), http.stream("GET", route) as stream:
        for text in stream.iter_text():
            received += text
    assert "genre" not in received
    assert "complete" not in received


def test_two_visitors_get_their_own_answers(address, tmp_path):
    visitors = [Client(address, verbose=False) for _ in range(2)]
    paths = [
        songs.write(tmp_path / f"{n}.wav", songs.synthesise(1 + n / 2, seed=n)) for n in range(2)
    ]
    jobs = [
        visitor.submit(handle_file(path), api_name="/classify")
        for visitor, path in zip(visitors, paths, strict=True)
    ]
    assert [job.result()["file"] for job in jobs] == ["0.wav", "1.wav"]


def test_a_body_without_end_is_cut_off(http):
    answer = http.post("gradio_api/call/classify", json={"data": ["x" * 200_000]})
    assert answer.status_code == 413
    assert "too much at once: send fewer songs" in answer.text


REFERENCES = [
    *([], [None] * 3, ["x"], [1], [{}], [[]], [{"path": None}], [{"path": ["/etc/hostname"]}]),
    *([{"path": "\x00"}], [{"path": "a" * 5_000}], [{"path": "data:audio/wav;base64,UklGRg=="}]),
    [{"path": "file:///etc/hostname", "url": "file:///etc/hostname"}],
    [{"path": "/etc/hostname", "is_stream": True}],
    [{"__type__": "update", "value": "/etc/hostname"}],
]


@pytest.mark.parametrize("data", REFERENCES, ids=repr)
def test_what_names_no_uploaded_song_gets_one_sentence(http, data):
    for reference in data:
        if isinstance(reference, dict) and "path" in reference:
            reference["meta"] = {"_type": "gradio.FileData"}
    refused = http.post("gradio_api/call/classify", json={"data": data})
    assert refused.status_code == 400
    assert refused.json()["detail"] in (answers.NOT_UNDERSTOOD, inputs.NO_ADDRESSES)


@pytest.mark.parametrize("route", ["call/classify", "run/predict", "queue/join", "cancel", "reset"])
@pytest.mark.parametrize(
    "body",
    [
        *(b"", b"{", b"\xff\xfe", b"[" * 100_000 + b"]" * 100_000, b'{"data": [1e999]}', b"null"),
        *(b'{"data": {}}', b'{"data": "\\ud800"}', b'{"data": [NaN], "fn_index": -1}'),
        *(b'{"data": [], "fn_index": 2}', b'{"data": [], "fn_index": 1e9, "session_hash": "a"}'),
    ],
    ids=lambda body: body[:30],
)
def test_nonsense_is_refused_without_a_word_of_the_server(http, route, body):
    kind = {"Content-Type": "application/json"}
    answer = http.post(f"gradio_api/{route}", content=body, headers=kind)
    assert answer.status_code in (400, 404, 413, 422)
    for secret in ("Traceback", "site-packages", str(ROOT), get_upload_folder()):
        assert secret not in answer.text


@pytest.mark.parametrize("origin", ["http://example.org", "null"])
def test_a_page_of_another_origin_reads_no_answer(http, origin):
    for cookie in ({}, {"Cookie": "access-token=a"}):
        answer = http.get("config", headers={"Origin": origin, **cookie})
        assert "access-control-allow-origin" not in answer.headers


def test_what_one_visitor_says_of_the_address_is_not_told_to_the_next(http):
    before = http.get("config").json()["root"]
    for header in ("X-Forwarded-Host", "X-Gradio-Server"):
        http.get("config", headers={header: "http://example.org"})
        assert http.get("config").json()["root"] == before


@pytest.mark.parametrize("route", ["logout", "//example.org/", "//example.org/gradio_api/upload/"])
def test_nobody_is_sent_elsewhere(http, address, route):
    answer = http.get(httpx.URL(address).copy_with(raw_path=f"/{route}".encode()))
    assert answer.headers.get("location", address).startswith(address.rstrip("/"))
