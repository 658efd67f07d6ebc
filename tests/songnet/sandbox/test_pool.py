"""Decoders may die, hang or eat up memory: that costs one file one sentence."""

import io
import json
import os
import signal
import socket
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from multiprocessing.connection import Connection
from pathlib import Path

import numpy as np
import psutil
import pytest
from mutagen import id3
from PIL import Image

from songnet import audio
from songnet.audio import tags
from songnet.errors import AudioError, DecoderError
from songnet.sandbox import Resources, Sandbox
from songnet.sandbox.messages import DONE
from songnet.sandbox.song import TAGS_LEFT_OUT
from songnet.spec import AudioSpec
from songnet.weights import load_weights
from tests.support import songs
from tests.support.bombs import packed_tag
from tests.support.command import wait_until
from tests.support.page_visits import half_a_song
from tests.support.paths import ROOT
from tests.support.tag_bombs import SLOW_TAGS, SLOW_TO_OPEN

pytestmark = pytest.mark.skipif(
    not Path("/proc/self/task").is_dir(), reason="finds child processes in /proc"
)


def children_of(pid=None):
    return {child.pid for child in psutil.Process(pid).children()}


@pytest.fixture
def started():
    """Makes sandboxes, closes them, and tells which process is the only child of one."""
    boxes = []

    def make(**options):
        before = children_of()
        box = Sandbox(workers=1, **options)
        boxes.append(box)
        (child,) = children_of() - before
        return box, child

    yield make
    for box in boxes:
        box.close()


@pytest.fixture(scope="module")
def box():
    with Sandbox(workers=2) as opened:
        yield opened


@pytest.mark.parametrize("name", ["tune.mp3", "tune.flac", "tune.m4a", "tune.webm", "tune.wav"])
def test_the_same_answers_as_in_this_process(box, song, name):
    path = song(name, rate=48_000)
    assert box.probe(path) == audio.probe(path)
    np.testing.assert_array_equal(np.concatenate([*box.read_blocks(path)]), audio.read(path))
    with box.open(path) as opened:
        assert opened.info == audio.probe(path)
        np.testing.assert_array_equal(np.concatenate([*opened.blocks()]), audio.read(path))
        assert opened.tags == tags.read_tags(path)
        assert opened.cover is None
    assert box.tags(path) == tags.read_tags(path)


def test_the_same_warnings_as_in_this_process(box, tmp_path):
    path, warning = half_a_song(tmp_path)
    with audio.open_song(path) as here, box.open(path) as there:
        assert sum(map(len, here.blocks())) == sum(map(len, there.blocks())) == 88_200
        assert here.warnings == there.warnings == [warning]


def test_names_are_relative_to_this_process(box, song, monkeypatch):
    path = song("tune.mp3")
    monkeypatch.chdir(path.parent)
    assert box.probe("tune.mp3") == audio.probe(path)


@pytest.mark.parametrize("content", [b"", b"no sound " * 100, None])
def test_the_same_refusals_as_in_this_process(box, tmp_path, content):
    path = tmp_path / "notes.mp3"
    if content is not None:
        path.write_bytes(content)
    sentences = []
    for module in (audio, box):
        with pytest.raises(AudioError) as caught:
            list(module.read_blocks(path))
        sentences.append(str(caught.value))
    assert sentences[0] == sentences[1]


def test_limits_and_spec_are_handed_on(box, song):
    path = song("tune.wav")
    with pytest.raises(AudioError, match="lasts longer"):
        box.probe(path, audio.Limits(max_seconds=2))
    spec = AudioSpec(sample_rate=16_000)
    assert sum(map(len, box.read_blocks(path, spec))) == 48_000


def long_song(folder):
    """25 minutes, which take a decoder seconds."""
    tune = np.tile(songs.synthesise(30, 16_000), (50, 1))
    return songs.write(folder / "long.flac", tune, 16_000)


def test_a_child_that_is_killed_in_the_middle(started, tmp_path, song):
    box, child = started()
    blocks = box.read_blocks(long_song(tmp_path))
    next(blocks)
    os.kill(child, signal.SIGKILL)
    with pytest.raises(DecoderError, match=r"^long\.flac cannot be decoded, its decoder stopped: "):
        list(blocks)
    assert sum(map(len, box.read_blocks(song("tune.wav")))) == 3 * 44_100


def test_a_child_that_was_killed_while_idle(started, song):
    box, child = started()
    os.kill(child, signal.SIGKILL)
    time.sleep(0.1)
    assert box.probe(song("tune.wav")).sample_rate == 44_100


@pytest.mark.slow
def test_a_child_that_hangs(started, song):
    box, child = started(resources=Resources(wall_seconds=4.0))
    path = song("tune.wav")
    box.probe(path)
    os.kill(child, signal.SIGSTOP)
    with pytest.raises(DecoderError, match="takes too long to decode: cut out a part"):
        box.probe(path)
    assert not Path(f"/proc/{child}").exists()
    assert box.probe(path).sample_rate == 44_100


@pytest.mark.slow
def test_a_child_that_calculates_for_too_long(started, tmp_path, song):
    """The kernel ends it within two seconds, and two hours take any decoder of today longer."""
    path = songs.write(tmp_path / "long.mp3", songs.synthesise(30, 48_000), 48_000)
    path.write_bytes(path.read_bytes() * 232)
    box, _ = started(resources=Resources(cpu_seconds=0))
    with pytest.raises(DecoderError, match=r"long\.mp3 takes too long to decode"):
        for _ in box.read_blocks(path, limits=audio.Limits(max_seconds=8_000)):
            pass
    assert box.probe(song("tune.wav")).sample_rate == 44_100


@pytest.mark.slow
def test_each_file_has_its_own_allowance_of_cpu_time(started, tmp_path):
    box, child = started(resources=Resources(cpu_seconds=3))
    tune = np.tile(songs.synthesise(30, 44_100), (8, 1))
    path = songs.write(tmp_path / "tune.flac", tune)
    for _ in range(10):
        assert sum(map(len, box.read_blocks(path))) == len(tune)
    assert children_of() >= {child}


@pytest.mark.slow
def test_a_tag_that_unpacks_to_a_quarter_of_a_gigabyte(started, song):
    """An ID3v2.4 frame may be compressed, and mutagen unpacks it whole."""
    path = song("tune.mp3")
    path.write_bytes(packed_tag(2**28) + path.read_bytes())
    box, child = started()
    with box.open(path, cover=True) as opened:
        assert sum(map(len, opened.blocks())) == pytest.approx(3 * 44_100, abs=1152)
        assert opened.tags == tags.Tags()
    if Path(f"/proc/{child}").exists():
        status = Path(f"/proc/{child}/status").read_text()
        peak_kb = int(status.partition("VmHWM:")[2].split()[0])
        assert peak_kb * 1024 < Resources().memory_bytes


@pytest.mark.slow
@pytest.mark.parametrize("name", SLOW_TAGS)
def test_tags_that_take_minutes_are_left_out_and_the_song_is_answered(name, tmp_path):
    path = tmp_path / name
    SLOW_TAGS[name](path)
    with Sandbox(1, weights=load_weights()) as box:
        with box.open(path, cover=True) as opened:
            assert sum(map(len, opened.blocks())) == pytest.approx(2 * 44_100, abs=1152)
            assert (opened.tags, opened.cover) == (tags.Tags(), None)
            assert opened.warnings == [TAGS_LEFT_OUT]
        answer = box.classify(path)
        assert (answer["file"], answer["warnings"]) == (name, [TAGS_LEFT_OUT])
        assert answer["metadata"] == tags.Tags().to_json()
        assert answer["probabilities"]


@pytest.mark.slow
@pytest.mark.parametrize("name", SLOW_TO_OPEN)
def test_a_file_that_takes_minutes_to_open_is_refused(name, started, tmp_path):
    path = tmp_path / name
    SLOW_TO_OPEN[name](path)
    box, _ = started(resources=Resources(tags_seconds=0.5))
    for read in (box.probe, box.tags, lambda path: list(box.read_blocks(path))):
        with pytest.raises(DecoderError, match="takes too long to open, its tags are too many"):
            read(path)


def test_many_tags_and_a_large_cover_are_no_attack(started, song):
    path = song("tune.mp3")
    picture = io.BytesIO()
    noise = np.random.default_rng(0).integers(0, 256, (1_900, 1_900, 3), np.uint8)
    Image.fromarray(noise).save(picture, "PNG")
    assert len(picture.getvalue()) > 10 * 2**20
    frames = id3.ID3()
    frames.add(id3.TPE1(text="Nobody"))
    frames.add(id3.APIC(mime="image/png", type=3, data=picture.getvalue()))
    for n in range(200):
        frames.add(id3.TXXX(desc=f"{n}", text="x" * 100))
    frames.save(path)
    box, _ = started()
    with box.open(path, cover=True) as opened:
        assert (opened.tags.artist, opened.cover is not None) == ("Nobody", True)
        assert opened.warnings == []


@pytest.mark.slow
def test_who_stops_early_leaves_no_mess(started, tmp_path, song):
    box, _ = started()
    for _ in range(3):
        blocks = box.read_blocks(long_song(tmp_path))
        next(blocks)
        blocks.close()
    assert sum(map(len, box.read_blocks(song("tune.wav")))) == 3 * 44_100


def test_one_child_answers_for_many_songs(started, song):
    path = song("tune.wav")
    box, child = started()
    for _ in range(3):
        with box.open(path, cover=True) as opened:
            assert sum(map(len, opened.blocks())) == 3 * 44_100
            assert opened.tags == tags.Tags()
        with box.open(path) as opened:
            assert opened.tags == tags.Tags()  # the blocks are skipped
    assert children_of() >= {child}


@pytest.mark.slow
def test_a_slow_reader_is_waited_for(started, tmp_path):
    box, _ = started(resources=Resources(wall_seconds=4.0))
    path = songs.write(tmp_path / "tune.wav", songs.synthesise(10))
    blocks = box.read_blocks(path)
    n = len(next(blocks))
    time.sleep(4.5)
    assert n + sum(map(len, blocks)) == 10 * 44_100


@pytest.mark.slow
def test_all_busy(started, song, tmp_path):
    box, _ = started(resources=Resources(wall_seconds=4.0))
    path = song("tune.wav")
    blocks = box.read_blocks(long_song(tmp_path))
    next(blocks)
    with pytest.raises(DecoderError, match="All decoders are busy: try again in a minute"):
        box.probe(path)
    blocks.close()
    assert box.probe(path).sample_rate == 44_100


def test_many_threads(box, song):
    paths = [song(f"{n}.wav", seconds=1 + n / 10) for n in range(10)]
    with ThreadPoolExecutor(10) as threads:
        lengths = list(threads.map(lambda p: sum(map(len, box.read_blocks(p))), paths * 5))
    assert lengths == [44_100 + 4_410 * n for n in range(10)] * 5


def test_a_child_has_no_secrets_and_writes_no_files(started, song, monkeypatch):
    monkeypatch.setenv("HF_TOKEN", "secret")
    box, child = started()
    box.probe(song("tune.wav"))
    assert b"secret" not in Path(f"/proc/{child}/environ").read_bytes()
    limits = Path(f"/proc/{child}/limits").read_text()
    wanted = {
        "Max file size": "0",
        "Max core file size": "0",
        "Max address space": str(Resources().memory_bytes),
    }
    for name, value in wanted.items():
        (line,) = (line for line in limits.splitlines() if line.startswith(name))
        assert line.removeprefix(name).split()[0] == value


def test_closing_ends_the_children(started, song):
    box, child = started()
    box.close()
    assert not Path(f"/proc/{child}").exists()
    with pytest.raises(DecoderError, match="shut down"):
        box.probe(song("tune.wav"))


def test_children_end_with_their_parent():
    program = (
        "import time; from songnet.sandbox import Sandbox; box = Sandbox(workers=2);"
        "print('ready', flush=True); time.sleep(60)"
    )
    parent = subprocess.Popen(
        [sys.executable, "-c", program],
        cwd=ROOT,
        stdout=subprocess.PIPE,
    )
    assert parent.stdout.readline() == b"ready\n"
    children = children_of(parent.pid)
    assert len(children) == 2
    parent.kill()
    parent.wait()
    parent.stdout.close()
    until = time.monotonic() + 30
    while any(Path(f"/proc/{child}").exists() for child in children):
        assert time.monotonic() < until, "the children live on"
        time.sleep(0.05)


def test_a_child_whose_parent_has_gone_does_not_finish_its_song(tmp_path):
    """The kernel closes the socket of a parent that is killed, as is done here."""
    path = long_song(tmp_path)
    ours, theirs = socket.socketpair()
    with theirs:
        child = subprocess.Popen(
            [sys.executable, "-m", "songnet.sandbox.child", str(theirs.fileno())],
            pass_fds=[theirs.fileno()],
            cwd=ROOT,
        )
    weights = load_weights()
    config = {"config": weights.config.to_json(), "source": weights.source}
    limits, spec = asdict(audio.Limits()), asdict(AudioSpec())
    with Connection(ours.detach()) as parent:
        parent.send_bytes(json.dumps({**asdict(Resources()), "weights": config}).encode())
        parent.send_bytes(weights.tflite)
        assert parent.recv_bytes() == DONE
        request = {"parts": ["prediction"], "path": str(path), "limits": limits, "spec": spec}
        parent.send_bytes(json.dumps(request).encode())
        process = psutil.Process(child.pid)
        wait_until(lambda: str(path) in [file.path for file in process.open_files()])
    # Whoever finishes the song and then finds no parent ends with 0.
    assert child.wait() == 1
