"""The index of tracks: made from the training clips, named in config.json next to the model."""

import hashlib
import json
import subprocess
import sys

import numpy as np
import pytest

from songnet.model import ModelConfig, build_songnet
from songnet.similar import TrackIndex
from songnet.spec import GENRES
from songnet.weights.release import INDEX, FileIdentity, ReleaseConfig

pytestmark = pytest.mark.slow


@pytest.fixture
def release(tmp_path):
    """A network that was never trained, with its config.json."""
    model = tmp_path / "songnet.keras"
    build_songnet(ModelConfig(filters=(8,), kernel_sizes=(3,), gru_units=4)).save(model)
    files = {"songnet.keras": FileIdentity.from_content(model.read_bytes())}
    ReleaseConfig("0", GENRES, 0.5, files).write(tmp_path)
    return tmp_path


def named(data_set, folder):
    """The data set with artists and titles, of which the first clip's are unknown."""
    for split in ("training", "validation"):
        with np.load(data_set / f"{split}.npz") as stored:
            arrays = dict(stored)
        number = np.arange(len(arrays["genre"]))
        artist = np.where(number == 0, "", np.char.add("Artist ", (number // 2).astype(str)))
        title = np.char.add("Song\n", number.astype(str))
        np.savez(folder / f"{split}.npz", **arrays, artist=artist, title=title)
    return folder


def make_index(data, release):
    command = [sys.executable, "-m", "train", "index", "--json", "--data", str(data)]
    model = ["--model", str(release / "songnet.keras")]
    return subprocess.run([*command, *model], capture_output=True, text=True)


def index_of(data, release):
    done = make_index(data, release)
    assert done.returncode == 0, done.stderr
    return TrackIndex.from_bytes((release / INDEX).read_bytes()).tracks


def test_it_holds_the_known_clips_and_is_named(data_set, release, tmp_path):
    done = make_index(named(data_set, tmp_path), release)
    assert done.returncode == 0, done.stderr
    content = (release / INDEX).read_bytes()
    identity = {"sha256": hashlib.sha256(content).hexdigest(), "bytes": len(content)}
    config = json.loads((release / "config.json").read_text())
    assert config["files"][INDEX] == identity
    index = TrackIndex.from_bytes(content)
    assert index.weights_sha256 == config["files"]["songnet.keras"]["sha256"]
    with np.load(tmp_path / "training.npz") as stored:
        assert [track.track_id for track in index.tracks] == stored["track_id"][1:].tolist()
    assert index.tracks[1].title == "Song 2"
    result = json.loads(done.stdout)
    assert result["tracks"] == len(index.tracks)
    assert 0 <= result["agreement"] <= 1


def test_a_data_set_without_names_has_no_index(data_set, release):
    done = make_index(data_set, release)
    assert done.returncode == 0, done.stderr
    result = json.loads(done.stdout)
    assert result.keys() == {"tracks", "warning"}
    assert result["tracks"] == 0
    assert result["warning"].startswith("No index was written, since of none of the 192 ")
    assert not (release / INDEX).exists()


def test_names_are_found_on_the_disk_too(data_set, release, tmp_path):
    packed, on_disk = named(data_set, tmp_path), tmp_path / "on_disk"
    for split in ("training", "validation"):
        (on_disk / split).mkdir(parents=True)
        with np.load(packed / f"{split}.npz") as stored:
            for name, values in stored.items():
                np.save(on_disk / split / f"{name}.npy", values)
    tracks = [index_of(data, release) for data in (packed, on_disk)]
    assert tracks[0] == tracks[1]


def test_addresses_are_those_of_the_metadata(data_set, release, tmp_path):
    folder = named(data_set, tmp_path)
    number = int(np.load(folder / "training.npz")["track_id"][1])
    page = "https://example.org/music/song"
    (folder / "metadata.json").write_text(json.dumps({number: {"url": page}}))
    tracks = index_of(folder, release)
    assert [track.url for track in tracks[:2]] == [page, ""]


def test_names_that_insult_are_marked_in_the_archive_and_nowhere_else(data_set, release, tmp_path):
    folder = named(data_set, tmp_path)
    with np.load(folder / "training.npz") as stored:
        arrays = dict(stored)
    arrays["title"] = arrays["title"].astype("U40")
    arrays["title"][1:4] = "Ya Dumb Bitch", "Cockpit &amp; Scunthorpe", "This World"
    np.savez(folder / "training.npz", **arrays)
    tracks = index_of(folder, release)
    assert [track.offends for track in tracks[:3]] == [True, False, False]
    assert tracks[1].title == "Cockpit & Scunthorpe"
    (folder / "data_set.json").write_text(json.dumps({"data_set": "My CDs"}))
    assert not any(track.offends for track in index_of(folder, release))


def test_own_tracks_without_addresses_are_not_sought_in_the_archive(data_set, release, tmp_path):
    folder = named(data_set, tmp_path)
    (folder / "data_set.json").write_text(json.dumps({"data_set": "My CDs"}))
    assert {track.url for track in index_of(folder, release)} == {""}


def test_a_model_that_was_not_exported_is_refused_in_a_sentence(data_set, release):
    (release / "config.json").write_text('{"files": {"songnet.keras": {"sha256": "0"}}}')
    done = make_index(data_set, release)
    assert done.returncode == 1
    assert "export the model first" in done.stderr
    assert not (release / INDEX).exists()
