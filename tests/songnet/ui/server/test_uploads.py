"""Uploads that are hostile, broken off, endless or too many."""

import contextlib
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

from songnet.examples import EXAMPLES
from songnet.settings import Settings
from songnet.ui import page as page_of_songnet
from songnet.ui.analysis import too_many
from songnet.ui.server import bodies, limits, passage, room, uploads
from tests.support import songs
from tests.support.page_visits import event_of, outcome, served


@pytest.fixture(scope="module")
def address(analyser, examples, tmp_path_factory):
    """A page whose uploads lie in a folder of its own: Gradio's is shared by all processes."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GRADIO_TEMP_DIR", str(tmp_path_factory.mktemp("uploads")))
        page = page_of_songnet.build(analyser, examples)
        with served(page, page_of_songnet.launch_options()):
            yield page.local_url


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
    monkeypatch.setattr(passage, "UPLOAD_BYTES", 200_000)
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
        ("multipart/form-data; boundary=" + "x" * 257, b"--" + b"x" * 257 + b"--"),
        ("multipart/form-data; boundary=" + "x" * 10_000, b"--" + b"x" * 10_000),
        ("multipart/form-data; boundary=x", b"-" * 1_000_000 + b"--x--"),
        ("multipart/form-data; boundary=x", b"--x\r\nA: " + b"a" * 100_000 + b"\r\n\r\na\r\n--x--"),
        ("multipart/form-data; boundary=x", b"--x\r\nno colon\r\n\r\nabc\r\n--x--\r\n"),
        ("multipart/form-data; boundary=x; charset=none", b"--x\r\n\xff: \xff\r\n\r\na\r\n--x--"),
        ("text/plain", b"x"),
    ],
)
def test_a_malformed_upload_is_refused(http, caplog, kind, body):
    before = loose_files()
    answer = http.post("gradio_api/upload", content=body, headers={"Content-Type": kind})
    assert answer.status_code in (400, 413)
    assert "Traceback" not in answer.text
    assert caplog.text == ""
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


def test_an_upload_may_not_take_for_ever(address, monkeypatch):
    """However regularly its bytes come."""
    monkeypatch.setattr(bodies, "LONGEST_S", 0.5)
    before = loose_files()
    with socket.create_connection(place_of(address)) as connection:
        connection.sendall(unfinished_upload(address))
        connection.settimeout(0.1)
        answer = b""
        with contextlib.suppress(ConnectionError):
            while not answer:
                connection.sendall(b"-")
                with contextlib.suppress(TimeoutError):
                    answer = connection.recv(10_000)
        assert answer.startswith(b"HTTP/1.1 408 ")
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
    start = event_of(config, "songs", "upload")
    song = {
        "path": http.post("gradio_api/upload", files={"files": path.read_bytes()}).json()[0],
        "meta": {"_type": "gradio.FileData"},
    }
    body = {"data": [[song] * 3, None, None], "fn_index": start, "session_hash": "too-many"}
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


def all_files():
    """Every file in the folder of uploads, however deep, but the songs that the page offers."""
    files = {path for path in Path(get_upload_folder()).rglob("*") if path.is_file()}
    offered = {example.file_name for example in EXAMPLES}
    return {path for path in files if path.name not in offered}


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A folder of uploads that no other test fills."""
    folder = tmp_path / "uploads"
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(folder))
    return folder


@pytest.fixture
def small_share(monkeypatch):
    """Lets one client send 1 MB and three files."""
    monkeypatch.setattr(passage, "CLIENT_BYTES", 1_000_000)
    monkeypatch.setattr(passage, "CLIENT_FILES", 3)


@pytest.fixture
def own_page(folder, analyser, examples):
    """A page with that folder."""
    assert not folder.exists()
    page = page_of_songnet.build(analyser, examples)
    with served(page, page_of_songnet.launch_options()):
        yield page.local_url


@pytest.mark.parametrize("name", ["..", "a/..", "/.."])
def test_a_name_that_cannot_be_kept_leaves_none_of_the_files(own_page, name):
    """Gradio looks at it when all files are in their places, and forgets them."""
    parts = [
        f'--x\r\nContent-Disposition: form-data; name="files"; filename="{n}"\r\n\r\nabc{n}\r\n'
        for n in ("a.wav", "b.wav", name)
    ]
    kind = {"Content-Type": "multipart/form-data; boundary=x"}
    answer = httpx.post(
        f"{own_page}gradio_api/upload", content="".join(parts) + "--x--", headers=kind
    )
    assert (answer.status_code, answer.text) == (400, uploads.NO_NAME)
    assert all_files() == set()
    wait_until(lambda: room.Room() == room.ROOM)


def test_a_list_of_songs_leaves_no_empty_files(own_page, tmp_path):
    path = songs.write(tmp_path / "tune.wav", songs.synthesise(1.5))
    client = Client(own_page, verbose=False)
    client.predict([handle_file(path)] * 3, api_name="/classify_batch")
    assert [file.name for file in all_files()] == ["tune.wav"]
    client.close()


def test_what_uploads_announce_is_reserved_and_the_floor_holds(own_page, monkeypatch):
    """Seven uploads at once would each find room, if none counted the others."""
    left = room.FREE_BYTES + 3_000_000
    monkeypatch.setattr(room, "free", lambda _: (left, None))
    head = unfinished_upload(own_page)
    with contextlib.ExitStack() as stack:
        connections = [
            stack.enter_context(socket.create_connection(place_of(own_page))) for _ in range(4)
        ]
        for connection in connections[:3]:
            connection.sendall(head)
        wait_until(lambda: room.ROOM.size > 2_000_000)
        connections[3].sendall(head)
        connections[3].settimeout(60)
        answer = b""
        while room.NO_ROOM.encode() not in answer:
            answer += (received := connections[3].recv(10_000))
            assert received
        assert answer.startswith(b"HTTP/1.1 507 ")
        assert left - room.ROOM.size >= room.FREE_BYTES
    wait_until(lambda: room.Room() == room.ROOM)
    assert all_files() == set()


def test_an_upload_that_announces_no_length_stops_at_the_floor(own_page, monkeypatch):
    def free(_):
        taken = 0
        for path in all_files():
            # What is refused is deleted meanwhile.
            with contextlib.suppress(FileNotFoundError):
                taken += path.stat().st_size
        return room.FREE_BYTES + 1_000_000 - taken, None

    monkeypatch.setattr(room, "free", free)
    lowest = []

    def parts():
        yield b'--x\r\nContent-Disposition: form-data; name="files"; filename="a.wav"\r\n\r\n'
        for _ in range(400):
            yield bytes(10_000)
            lowest.append(free(None)[0])
        yield b"\r\n--x--"

    kind = {"Content-Type": "multipart/form-data; boundary=x"}
    with contextlib.suppress(httpx.WriteError, httpx.ReadError):
        answer = httpx.post(f"{own_page}gradio_api/upload", content=parts(), headers=kind)
        assert (answer.status_code, answer.json()) == (507, {"detail": room.NO_ROOM})
    assert min(lowest) >= room.FREE_BYTES
    wait_until(lambda: all_files() == set() and room.Room() == room.ROOM)


def test_files_are_counted_as_well_as_bytes(own_page, monkeypatch):
    monkeypatch.setattr(room, "free", lambda _: (2**40, room.FREE_FILES + 4))
    files = [("files", (f"{n}.wav", bytes([n]))) for n in range(3)]
    url = f"{own_page}gradio_api/upload"
    assert httpx.post(url, files=files[:2]).status_code == 200
    before = all_files()
    refused = httpx.post(url, files=files)
    assert (refused.status_code, refused.json()) == (507, {"detail": room.NO_ROOM})
    assert all_files() == before


@pytest.mark.usefixtures("small_share")
def test_a_client_has_a_share_of_the_disk(own_page):
    url = f"{own_page}gradio_api/upload"
    large = {"files": ("a.wav", bytes(600_000))}
    assert httpx.post(url, files=large).status_code == 200
    refused = httpx.post(url, files=large)
    assert (refused.status_code, refused.json()) == (429, {"detail": limits.BUSY_CLIENT})
    small = [("files", (f"{n}.wav", bytes([n]))) for n in range(3)]
    refused = httpx.post(url, files=small)
    assert (refused.status_code, refused.json()) == (507, {"detail": room.TOO_MANY_FILES})
    assert len(all_files()) == 1


def test_how_far_an_upload_has_come_is_forgotten(http, monkeypatch):
    from gradio.routes import file_upload_statuses

    monkeypatch.setattr(passage, "REMEMBERED_S", 0.0)
    for number in range(5):
        answer = http.post(f"gradio_api/upload?upload_id=u{number}", files={"files": b"x"})
        assert answer.status_code == 200
    wait_until(lambda: not file_upload_statuses._statuses)
    assert (
        http.post(f"gradio_api/upload?upload_id={'x' * 65}", files={"files": b"x"}).status_code
        == 400
    )
    assert not file_upload_statuses._statuses
    assert not file_upload_statuses._signals
