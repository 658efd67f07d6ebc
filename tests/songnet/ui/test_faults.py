"""The disk is full, the weights change, files grow old: what the server does then."""

import json
import os
import shutil
import subprocess
import sys
import time
from dataclasses import replace

import httpx
import numpy as np
import psutil
import pytest

from songnet.classifier import Classifier
from songnet.errors import WeightsError
from songnet.sandbox import Sandbox
from songnet.ui.figures import downloads
from songnet.ui.server import room
from songnet.weights import EMBEDDED, load_weights
from tests.programs.load_server import ROOT, Server
from tests.support import songs


def upload(server, path):
    with path.open("rb") as file:
        return httpx.post(
            f"{server.address}/gradio_api/upload",
            files={"files": (path.name, file)},
            timeout=120,
            trust_env=False,
        )


def classify(server, uploaded):
    """What `/classify` says of an uploaded file."""
    calls = f"{server.address}/gradio_api/call/classify"
    song = {"path": uploaded, "meta": {"_type": "gradio.FileData"}}
    event = httpx.post(calls, json={"data": [song]}, timeout=120, trust_env=False).json()
    stream = httpx.get(f"{calls}/{event['event_id']}", timeout=120, trust_env=False).text
    assert stream.startswith("event: complete"), stream
    return json.loads(stream.partition("data: ")[2])[0]


@pytest.fixture(scope="module")
def small_disk(tmp_path_factory):
    """A server that can write no file above 2 MB and keeps visitors' files for 15 s."""
    folder = tmp_path_factory.mktemp("server")
    environment = {"SONGNET_KEEP_MINUTES": "0.25"}
    with Server(folder, largest_file=2 * 2**20, environment=environment) as server:
        yield server


def test_a_full_disk_refuses_one_upload_in_one_sentence_and_goes_on(small_disk, tmp_path):
    before = set(small_disk.leftovers())
    large = songs.write(tmp_path / "large.wav", songs.synthesise(30))
    refused = upload(small_disk, large)
    assert (refused.status_code, refused.text) == (400, room.NO_ROOM)
    assert set(small_disk.leftovers()) - before <= {p for p in before if p.endswith("uploads")} | {
        p for p in small_disk.leftovers() if p.endswith("uploads")
    }
    small = songs.write(tmp_path / "small.wav", songs.synthesise(3))
    (uploaded,) = upload(small_disk, small).json()
    assert classify(small_disk, uploaded) == Classifier.load().classify(small).to_json()
    assert "Traceback" not in small_disk.log()


@pytest.mark.slow
def test_a_visitor_s_file_is_deleted_in_time(small_disk, tmp_path):
    path = songs.write(tmp_path / "old.wav", songs.synthesise(2))
    upload(small_disk, path).raise_for_status()
    assert any(name.endswith("/old.wav") for name in small_disk.leftovers())
    until = time.monotonic() + 180
    while any(name.endswith("/old.wav") for name in small_disk.leftovers()):
        assert time.monotonic() < until, "the file is still there"
        time.sleep(0.5)


def test_no_room_for_the_examples_is_one_sentence(tmp_path):
    server = Server(tmp_path, largest_file=100_000)
    assert server.process.wait(180) == 1
    (message,) = (line for line in server.log().splitlines() if line.startswith("songnet: "))
    assert message == "songnet: The page cannot start: File too large. Check port and disk."
    assert "Traceback" not in server.log()
    assert server.leftovers() == []


def test_what_cannot_be_saved_is_not_offered_and_the_page_goes_on(monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(downloads, "save_bytes_to_cache", full)
    with downloads.gr.Blocks():
        button = downloads.gr.DownloadButton()
    assert downloads.as_file(button, "answer.json", "{}").interactive is False


@pytest.fixture
def weights_folder(tmp_path):
    folder = tmp_path / "weights"
    folder.mkdir()
    for name in ("config.json", "songnet.tflite"):
        shutil.copy(EMBEDDED / name, folder)
    return folder


def truncate(path):
    path.write_bytes(path.read_bytes()[:-1000])


def change(path):
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


@pytest.mark.parametrize("harm", [truncate, change])
@pytest.mark.parametrize(
    ("name", "message"), [("songnet.tflite", "is damaged"), ("config.json", "not SongNet's")]
)
def test_weights_that_were_harmed_do_not_load(weights_folder, name, message, harm):
    if (name, harm) == ("config.json", change):
        config = json.loads((weights_folder / name).read_text(encoding="utf-8"))
        del config["files"]
        (weights_folder / name).write_text(json.dumps(config), encoding="utf-8")
    else:
        harm(weights_folder / name)
    with pytest.raises(WeightsError, match=message):
        Classifier.load(weights_folder)


def test_a_network_of_somebody_else_does_not_load(weights_folder):
    with pytest.raises(WeightsError, match="do not run"):
        Classifier(replace(load_weights(weights_folder), tflite=b"TFL3" * 1000))


def test_weights_that_change_on_disk_change_no_answer_until_the_next_start(weights_folder, song):
    path = song("tune.wav")
    classifier = Classifier.load(weights_folder)
    before = classifier.classify(path)
    with Sandbox(workers=1, weights=classifier.weights) as box:
        for name in ("config.json", "songnet.tflite"):
            truncate(weights_folder / name)
        # The child is sent the weights with its first request, after they changed.
        assert box.classify(path) == before.to_json()
    assert classifier.classify(path) == before
    with pytest.raises(WeightsError):
        Classifier.load(weights_folder)


@pytest.mark.parametrize("name", ["songnet.tflite", "config.json"])
def test_a_page_whose_weights_are_cut_off_does_not_start(tmp_path, name):
    """One sentence and the exit status say so, and nothing is left behind."""
    copy, temporary = tmp_path / "copy", tmp_path / "temporary"
    temporary.mkdir()
    shutil.copytree(ROOT / "songnet", copy / "songnet")
    shutil.copy(ROOT / "app.py", copy)
    (copy / "artifacts").mkdir()
    for weights in ("config.json", "songnet.tflite"):
        shutil.copy(EMBEDDED / weights, copy / "artifacts")
    truncate(copy / "artifacts" / name)
    environment = os.environ | {"TMPDIR": str(temporary)}
    done = subprocess.run(
        [sys.executable, "app.py"], cwd=copy, env=environment, capture_output=True, text=True
    )
    assert done.returncode == 1
    (message,) = (line for line in done.stderr.splitlines() if line.startswith("songnet: "))
    assert "is damaged" in message or "is not SongNet's" in message
    assert "Traceback" not in done.stderr
    assert list(temporary.iterdir()) == []


@pytest.mark.slow
def test_killed_decoders_cost_one_answer_and_a_killed_server_leaves_none(tmp_path):
    """A server that is killed cannot end its decoders: they end themselves."""
    path = songs.write(tmp_path / "long.flac", np.zeros((1_500 * 8_000, 1), np.float32), 8_000)
    with Server(tmp_path) as server:
        (uploaded,) = upload(server, path).json()
        calls = f"{server.address}/gradio_api/call/classify"
        song = {"path": uploaded, "meta": {"_type": "gradio.FileData"}}
        event = httpx.post(calls, json={"data": [song]}, timeout=120, trust_env=False).json()[
            "event_id"
        ]
        children = psutil.Process(server.process.pid).children()
        until = time.monotonic() + 120
        while not (busy := [child for child in children if uploaded in opened_by(child)]):
            assert time.monotonic() < until, "no decoder opens the file"
            time.sleep(0.01)
        busy[0].kill()
        stream = httpx.get(f"{calls}/{event}", timeout=120, trust_env=False).text
        assert stream.startswith("event: error")
        assert "long.flac cannot be decoded, its decoder stopped: export it again" in stream
        small = songs.write(tmp_path / "small.wav", songs.synthesise(2))
        (uploaded,) = upload(server, small).json()
        assert classify(server, uploaded) == Classifier.load().classify(small).to_json()
        children = psutil.Process(server.process.pid).children(recursive=True)
        assert children
        server.process.kill()
        server.process.wait()
        _, alive = psutil.wait_procs(children, timeout=60)
        assert alive == []


def opened_by(process):
    return [file.path for file in process.open_files()]
