"""Uploads that are hostile, broken off, endless or too many."""

import os
import re
import socket
import time
from pathlib import Path
from types import SimpleNamespace
from urllib.parse import urlsplit

import httpx
import pytest
from gradio.utils import get_upload_folder
from gradio_client import Client, handle_file
from gradio_client.exceptions import AppError

from songnet.settings import Settings
from songnet.ui import page as page_of_songnet
from songnet.ui.analysis import too_many
from songnet.ui.server import bodies, gate, room, uploads
from tests.support import songs
from tests.support.page_visits import outcome, served


@pytest.mark.parametrize(
    "name",
    [
        *("../../../../evil.wav", "/evil.wav", "..\\..\\evil.wav", "a\x00b.wav", "..", "<b>.wav"),
        *(
            "",
            ".",
            "...",
            " ",
            "%2e%2e%2fevil.wav",
            "file:///evil.wav",
            "a\nb.wav",
            "a\x1b[31m.wav",
        ),
        *("\u202evaw.gpj", "é" * 300 + ".wav", "a" * 5_000 + ".wav"),
    ],
    ids=lambda name: repr(name[:20]),
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
        assert answer.status_code in (400, 413)
    assert not Path("/evil.wav").exists()
    assert "Traceback" not in answer.text


def test_an_upload_without_end_is_cut_off_and_leaves_nothing(http, monkeypatch):
    monkeypatch.setattr(gate, "UPLOAD_BYTES", 200_000)
    before = loose_files()
    answer = http.post("gradio_api/upload", files={"files": ("a.wav", bytes(500_000))})
    assert answer.status_code == 413
    assert loose_files() <= before


def test_an_upload_is_made_of_files(http):
    answer = http.post("gradio_api/upload", data={"a": "b" * 5_000}, files={"files": b"x"})
    assert answer.status_code == 400
    assert answer.text == "An upload holds files and nothing else: send a file."


@pytest.mark.parametrize(
    ("name", "end"), [("files", ""), ("files", "\r\n--x"), ("other", "\r\n--x--\r\n")]
)
def test_an_upload_that_nobody_would_delete_leaves_nothing(http, name, end):
    """Gradio writes such files to the disk and forgets them."""
    before = loose_files()
    part = f'--x\r\nContent-Disposition: form-data; name="{name}"; filename="a.wav"\r\n\r\nabc{end}'
    kind = {"Content-Type": "multipart/form-data; boundary=x"}
    answer = http.post("gradio_api/upload", content=part, headers=kind)
    assert answer.status_code == 400
    assert answer.text == "An upload came without its end: send the file again."
    assert loose_files() <= before


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("multipart/form-data", b"x"),
        ("multipart/form-data; boundary=" + "x" * 10_000, b"--" + b"x" * 10_000),
        ("multipart/form-data; boundary=x", b"-" * 1_000_000 + b"--x--"),
        ("multipart/form-data; boundary=x", b"--x\r\nA: " + b"a" * 100_000 + b"\r\n\r\na\r\n--x--"),
        ("multipart/form-data; boundary=x", b"--x\r\nno colon\r\n\r\nabc\r\n--x--\r\n"),
        ("multipart/form-data; boundary=x; charset=none", b"--x\r\n\xff: \xff\r\n\r\na\r\n--x--"),
        ("text/plain", b"x"),
    ],
)
def test_a_malformed_upload_is_refused(http, kind, body):
    before = loose_files()
    answer = http.post("gradio_api/upload", content=body, headers={"Content-Type": kind})
    assert answer.status_code in (400, 413)
    assert "Traceback" not in answer.text
    assert loose_files() <= before


def test_an_upload_that_falls_silent_is_given_up(address, monkeypatch):
    monkeypatch.setattr(bodies, "SILENCE_S", 0.2)
    before = loose_files()
    with socket.create_connection(place_of(address)) as connection:
        connection.sendall(unfinished_upload(address))
        connection.settimeout(120)
        received = connection.recv(10_000)
        assert received.startswith(b"HTTP/1.1 408 ")
    wait_until(lambda: loose_files() <= before)


def test_a_page_disguised_as_a_song_stays_a_download(http):
    page = b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>"
    for name in ("a.html", "a.svg", "a.xml", "a", "a.mp3", "a.wav"):
        files = {"files": (name, page, "text/html")}
        (path,) = http.post("gradio_api/upload", files=files).json()
        headers = http.get(f"gradio_api/file={path}").headers
        assert headers["x-content-type-options"] == "nosniff"
        assert (
            headers["content-disposition"].startswith("attachment")
            or headers["content-type"].partition("/")[0] == "audio"
        )


@pytest.fixture
def two_songs_at_most(analyser, examples):
    """The address of a page that takes two songs in one request."""
    page = page_of_songnet.build(analyser, examples, settings=Settings(max_songs=2))
    with served(page, page_of_songnet.launch_options()):
        yield page.local_url


def test_one_request_holds_so_many_songs_and_no_more(two_songs_at_most, tmp_path):
    client = Client(two_songs_at_most, verbose=False)
    http = httpx.Client(base_url=two_songs_at_most, timeout=120, trust_env=False)
    path = songs.write(tmp_path / "tune.wav", songs.synthesise(1.5))
    answers, _ = client.predict([handle_file(path)] * 2, api_name="/classify_batch")
    assert [answer["file"] for answer in answers] == ["tune.wav"] * 2
    with pytest.raises(AppError, match=re.escape(too_many(2))):
        client.predict([handle_file(path)] * 3, api_name="/classify_batch")
    config = http.get("config").json()
    (button,) = (c["id"] for c in config["components"] if c["props"].get("elem_id") == "start")
    (start,) = (d["id"] for d in config["dependencies"] if [button, "click"] in d["targets"])
    song = {
        "path": http.post("gradio_api/upload", files={"files": path.read_bytes()}).json()[0],
        "meta": {"_type": "gradio.FileData"},
    }
    body = {"data": [[song] * 3], "fn_index": start, "session_hash": "too-many"}
    refused = http.post("gradio_api/queue/join", json=body)
    assert refused.status_code == 422
    assert too_many(2) in refused.text
    http.close()


def test_old_files_are_deleted_although_new_ones_come(tmp_path, monkeypatch):
    """Gradio looks through a set that uploads change meanwhile."""
    old = {str(tmp_path / f"{n}" / "a.wav") for n in range(50)}
    for name in old:
        Path(name).parent.mkdir()
        Path(name).write_bytes(b"a")
    held, gone = tmp_path / "held", tmp_path / "gone.wav"
    held.mkdir()
    names = {*old, str(held), str(gone)}
    blocks = SimpleNamespace(blocks={}, temp_file_sets=[names])
    uploads.delete_old_files(blocks, 3_600)
    assert all(Path(name).exists() for name in old)
    remove = os.remove

    def while_another_comes(name):
        names.add(f"{name}-new")
        remove(name)

    monkeypatch.setattr(uploads.os, "remove", while_another_comes)
    uploads.delete_old_files(blocks, 0)
    assert not old & names
    assert not any(Path(name).parent.exists() for name in old)
    assert held.exists()


def test_no_room_on_the_disk(http, monkeypatch):
    monkeypatch.setattr(room, "free", lambda _: (1_000, None))
    before = loose_files()
    answer = http.post("gradio_api/upload", files={"files": ("a.wav", b"RIFF")})
    assert (answer.status_code, answer.json()) == (507, {"detail": room.NO_ROOM})
    assert loose_files() <= before


def test_an_upload_that_breaks_off_leaves_nothing(address):
    before = loose_files()
    with socket.create_connection(place_of(address)) as connection:
        connection.sendall(unfinished_upload(address))
        wait_until(lambda: loose_files() - before)
    wait_until(lambda: not loose_files() - before)


def place_of(address):
    server = urlsplit(address)
    return server.hostname, server.port


def unfinished_upload(address):
    """The first 100 kB of an upload of 900."""
    head = (
        f"POST /gradio_api/upload HTTP/1.1\r\nHost: {urlsplit(address).netloc}\r\n"
        "Content-Length: 900000\r\nContent-Type: multipart/form-data; boundary=x\r\n\r\n"
        '--x\r\nContent-Disposition: form-data; name="files"; filename="a.wav"\r\n\r\n'
    )
    return head.encode() + bytes(100_000)


def loose_files():
    """Uploads that are not finished: files directly in the folder."""
    return {path.name for path in Path(get_upload_folder()).glob("*") if path.is_file()}


def wait_until(holds, timeout_s=120):
    until = time.monotonic() + timeout_s
    while not holds():
        assert time.monotonic() < until, "waited too long"
        time.sleep(0.05)
