"""What a stranger asks of the server that the page never would."""

import contextlib
import hashlib
import json
import re
import socket
import threading
import time
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from types import SimpleNamespace
from urllib.parse import urlsplit

import httpx
import pytest
import songs
from gradio.utils import get_upload_folder
from gradio_client import Client, handle_file
from gradio_client.exceptions import AppError

from songnet.settings import limit
from songnet.ui import gate, page

ROOT = Path(__file__).resolve().parent.parent.parent


@pytest.fixture
def http(address):
    with httpx.Client(base_url=address, timeout=120, trust_env=False) as client:
        yield client


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


def outcome(http, path):
    """Event and text with which `/classify` ends for a file that stands at a path."""
    song = {"path": path, "url": path, "meta": {"_type": "gradio.FileData"}}
    joined = http.post("gradio_api/call/classify", json={"data": [song]})
    said = http.get(f"gradio_api/call/classify/{joined.json()['event_id']}").text
    event, data = re.search(r"event: (complete|error)\ndata: (.*)", said).groups()
    return event, json.loads(data)


@pytest.mark.parametrize("host", ["http://example.org", "https://huggingface.co", "own"])
def test_addresses_are_not_fetched_for_a_visitor(http, elsewhere, host):
    url = f"{elsewhere.url if host == 'own' else host}/song.mp3"
    event, said = outcome(http, url)
    assert (event, said["error"]) == ("error", gate.NO_ADDRESSES)
    refused = http.get(f"gradio_api/file={url}")
    assert (refused.status_code, refused.json()) == (403, {"detail": gate.NO_ADDRESSES})
    assert http.get(f"gradio_api/proxy={url}").status_code == 404
    assert elsewhere.asked == []


def test_gradio_s_client_is_told_why_an_address_is_refused(client, elsewhere):
    song = {"path": f"{elsewhere.url}/a.mp3", "meta": {"_type": "gradio.FileData"}}
    with pytest.raises(AppError, match=gate.NO_ADDRESSES):
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


def test_no_analytics(http):
    assert http.get("config").json()["analytics_enabled"] is False


@pytest.mark.parametrize(
    "name", ["../../../../evil.wav", "/evil.wav", "..\\..\\evil.wav", "a\x00b.wav", "..", "<b>.wav"]
)
def test_a_file_s_name_leads_nowhere(http, tmp_path, name):
    content = songs.write(tmp_path / "tune.wav", songs.synthesise(2)).read_bytes()
    body = (
        b'--x\r\nContent-Disposition: form-data; name="files"; filename="'
        + name.encode()
        + b'"\r\n\r\n'
        + content
        + b"\r\n--x--\r\n"
    )
    kind = {"Content-Type": "multipart/form-data; boundary=x"}
    answer = http.post("gradio_api/upload", content=body, headers=kind)
    if answer.status_code == 200:
        (path,) = answer.json()
        assert Path(path).resolve().parent.parent == Path(get_upload_folder()).resolve()
        assert "<" not in path
        assert "genre" in outcome(http, path)[1][0]
    else:
        assert answer.status_code == 400
    assert not Path("/evil.wav").exists()
    assert "Traceback" not in answer.text


def test_a_visitor_s_file_cannot_be_found_by_who_knows_its_content(client, http, tmp_path):
    path = songs.write(tmp_path / "known.wav", songs.synthesise(2, seed=7))
    with path.open("rb") as file:
        (uploaded,) = http.post("gradio_api/upload", files={"files": (path.name, file)}).json()
    guessed = Path(get_upload_folder()) / hashlib.sha256(path.read_bytes()).hexdigest() / path.name
    assert Path(uploaded) != guessed
    assert http.get(f"gradio_api/file={guessed}").status_code == 403
    assert http.get(f"gradio_api/file={Path(uploaded).parent}").status_code == 403
    assert http.get(f"gradio_api/file={get_upload_folder()}").status_code == 403
    # Its owner, who was told the path, hears it.
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
    said = ""
    # Gradio breaks the connection off when nobody has such a result.
    with contextlib.suppress(httpx.RemoteProtocolError), http.stream("GET", route) as stream:
        for text in stream.iter_text():
            said += text
    assert "genre" not in said
    assert "complete" not in said


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


def test_a_body_without_end_is_cut_off(http, monkeypatch):
    monkeypatch.setattr(gate, "_BODY_BYTES", 10_000)
    answer = http.post("gradio_api/call/classify", json={"data": ["x" * 20_000]})
    assert answer.status_code == 413
    assert "too much at once: send fewer songs" in answer.text


def test_an_upload_without_end_is_cut_off_and_leaves_nothing(http, monkeypatch):
    monkeypatch.setattr(gate, "_UPLOAD_BYTES", 200_000)
    before = loose_files()
    answer = http.post("gradio_api/upload", files={"files": ("a.wav", bytes(500_000))})
    assert answer.status_code == 413
    assert loose_files() <= before


def test_an_upload_is_made_of_files(http):
    answer = http.post("gradio_api/upload", data={"a": "b" * 5_000}, files={"files": b"x"})
    assert answer.status_code == 400
    assert answer.text == "An upload holds files and nothing else: send a file."


def test_no_room_on_the_disk(http, monkeypatch):
    monkeypatch.setattr(gate.shutil, "disk_usage", lambda _: SimpleNamespace(free=1_000))
    before = loose_files()
    answer = http.post("gradio_api/upload", files={"files": ("a.wav", b"RIFF")})
    assert (answer.status_code, answer.text) == (400, gate.NO_ROOM)
    assert loose_files() <= before


def test_an_upload_that_breaks_off_leaves_nothing(address):
    before = loose_files()
    server = urlsplit(address)
    head = (
        f"POST /gradio_api/upload HTTP/1.1\r\nHost: {server.netloc}\r\nContent-Length: 900000\r\n"
        "Content-Type: multipart/form-data; boundary=x\r\n\r\n"
        '--x\r\nContent-Disposition: form-data; name="files"; filename="a.wav"\r\n\r\n'
    )
    with socket.create_connection((server.hostname, server.port)) as connection:
        connection.sendall(head.encode() + bytes(100_000))
        wait_until(lambda: loose_files() - before)
    wait_until(lambda: not loose_files() - before)


def loose_files():
    """Uploads that are not finished: files directly in the folder."""
    return {path.name for path in Path(get_upload_folder()).glob("*") if path.is_file()}


def wait_until(holds, timeout_s=120):
    until = time.monotonic() + timeout_s
    while not holds():
        assert time.monotonic() < until, "waited too long"
        time.sleep(0.05)


@pytest.mark.parametrize("text", ["", "12.5"])
def test_a_limit_from_the_environment(monkeypatch, text):
    monkeypatch.setenv("SONGNET_TEST", text)
    assert limit("SONGNET_TEST", 7) == (float(text) if text else 7)


@pytest.mark.parametrize("text", ["0", "-1", "many", "nan", "inf"])
def test_a_mistyped_limit_stops_the_start(monkeypatch, text):
    monkeypatch.setenv("SONGNET_TEST", text)
    with pytest.raises(SystemExit, match=f"SONGNET_TEST is '{text}': give a number above 0"):
        limit("SONGNET_TEST", 7)
