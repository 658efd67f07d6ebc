"""Making a data set from a download: the checks, what is left out, and the result."""

import csv
import json
import os
import re
import shutil
from contextlib import closing

import numpy as np
import psutil
import pytest
import soundfile
from threadpoolctl import threadpool_info, threadpool_limits

from songnet.audio import read
from songnet.features import log_mel
from songnet.spec import GENRES, SPEC
from tests.support import fma_tree
from train.__main__ import main
from train.data import extract, fma, prepare
from train.data.clips import Clips, sha1
from train.data.fma import clip_path
from train.data.levels import from_levels
from train.data.splits import load_split
from train.data.store import Feature
from train.errors import DataError

ARRAYS = ("track_id", "genre", "copy", "artist_id", "artist", "title", "log_mel")


def run(*arguments) -> dict:
    """The command's result."""
    result = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("builtins.print", lambda text="", **_: result.append(text))
        assert main(["prepare", *map(str, arguments), "--workers", "1", "--json"]) == 0
    return json.loads(result[-1])


def arrays(folder, split):
    with np.load(folder / f"{split}.npz") as stored:
        return dict(stored)


@pytest.fixture
def counted(monkeypatch):
    """The sources that are decoded."""
    decoded = []

    def feature(clips, source, *rest):
        decoded.append(source)
        return original(clips, source, *rest)

    original = extract.feature
    monkeypatch.setattr(extract, "feature", feature)
    return decoded


def test_every_clip_is_in_its_split(prepared_fma):
    folder, report = prepared_fma
    for split, clips in fma_tree._CLIPS.items():
        assert report["clips"][split] == dict.fromkeys(GENRES, clips)
        stored = arrays(folder, split)
        assert set(stored) == set(ARRAYS)
        assert stored["log_mel"].dtype == np.uint8
        assert (np.bincount(stored["genre"]) == clips).all()
    assert stored["artist"][0] == f"Artist {stored['artist_id'][0]}"
    loaded = load_split(folder, "training")
    assert loaded.genres == GENRES
    assert loaded.teachers == {}


def test_features_are_those_of_the_reference(prepared_fma, fma_download):
    stored = arrays(prepared_fma[0], "test")
    clip = read(fma_download / "fma_small" / clip_path(int(stored["track_id"][3])))
    levels = from_levels(stored["log_mel"][3:4])[0]
    np.testing.assert_allclose(levels, log_mel(clip), atol=0.5 / 255 + 1e-6)


def test_of_a_long_song_the_middle_window_is_used(tmp_path):
    rate, window = SPEC.sample_rate, SPEC.window_samples
    song = np.random.default_rng(0).normal(0, 0.1, 40 * rate + 100).astype(np.float32)
    song[: 5 * rate] = 0.0
    soundfile.write(tmp_path / "song.wav", song, rate, subtype="FLOAT")
    found = extract.feature(Clips(tmp_path), "song.wav", "", None)
    levels = np.frombuffer(found.levels, np.uint8).reshape(SPEC.n_frames, SPEC.n_mels) / 255
    expected = log_mel(song[5 * rate : 5 * rate + window])
    np.testing.assert_allclose(levels, expected, atol=0.5 / 255 + 1e-6)


def test_levels_do_not_depend_on_how_many_threads_there_are(tmp_path, monkeypatch):
    """A process that works alone has all of them; of several, each has fewer."""

    def watched(waveform):
        threads.update(library["num_threads"] for library in threadpool_info())
        return log_mel(waveform)

    threads = set()
    monkeypatch.setattr(extract, "log_mel", watched)
    fma_tree.write_song(tmp_path / "song.mp3", genre=0, seed=0)
    with threadpool_limits(2):
        found = extract.feature(Clips(tmp_path), "song.mp3", "", None)
    assert found.levels
    assert threads == {1}


def test_damage_is_reported_with_reasons_and_left_out(prepared_fma):
    folder, report = prepared_fma
    reasons = {clip["track_id"]: clip["reason"] for clip in report["left_out"]}
    assert "missing" in reasons[fma_tree.MISSING]
    assert "checksums name" in reasons[fma_tree.OTHER]
    assert "silence" in reasons[fma_tree.SILENT]
    assert "known to be broken" in reasons[fma_tree.BROKEN]
    assert reasons.keys() == {
        *(fma_tree.MISSING, fma_tree.TRUNCATED, fma_tree.NOT_AUDIO),
        *(fma_tree.OTHER, fma_tree.SILENT, fma_tree.BROKEN),
    }
    assert all(reason.endswith(".") for reason in reasons.values())
    assert json.loads((folder / "report.json").read_text())["left_out"] == report["left_out"]


def test_metadata_say_what_is_known_of_every_track(prepared_fma):
    folder, report = prepared_fma
    metadata = json.loads((folder / "metadata.json").read_text())
    assert len(metadata) == sum(sum(genres.values()) for genres in report["clips"].values())
    assert metadata["2"] == {
        "genre": "Electronic",
        "split": "training",
        "artist_id": 102,
        "artist": "Artist 102",
        "title": "Song 2",
        "album": "Album of Artist 102",
        "year": 2008,
        "license": fma_tree._LICENSE,
        "url": "http://freemusicarchive.org/2",
    }


def test_archives_give_the_same_whatever_the_number_of_workers(
    prepared_fma, fma_download, tmp_path, capsys
):
    packed = fma_tree.pack(fma_download, tmp_path / "packed")
    output = tmp_path / "out"
    assert main(["prepare", "--fma", str(packed), "--output", str(output), "--workers", "2"]) == 0
    assert re.search(r"(\d+)/\1 \[\d\d:\d\d<\d\d:\d\d, .*clips/s\]", capsys.readouterr().err)
    for split in prepare.SPLITS:
        for name, values in arrays(prepared_fma[0], split).items():
            np.testing.assert_array_equal(arrays(output, split)[name], values, err_msg=name)
    capsys.readouterr()
    assert main(["prepare", "--fma", str(packed), "--output", str(output), "--verify"]) == 1
    told = capsys.readouterr().err.splitlines()[-1]
    assert "Not what was published: " in told
    assert all(told.count(name) == 2 for name in ("fma_metadata.zip", "fma_small.zip"))


def test_goes_on_where_it_was_and_notices_a_changed_clip(tmp_path, counted, monkeypatch):
    for genre, name in enumerate(["fado", "tango"]):
        for i in range(4):
            fma_tree.write_song(tmp_path / "songs" / name / f"{i}.mp3", genre, seed=i)

    class PowerCutError(Exception):
        pass

    add, command = extract.Store.add, ("--folder", tmp_path / "songs", "--output", tmp_path / "out")

    def cut(self, features):
        add(self, [next(features) for _ in range(3)])
        raise PowerCutError

    monkeypatch.setattr(extract.Store, "add", cut)
    with pytest.raises(PowerCutError):
        run(*command)
    done = len(counted)
    monkeypatch.setattr(extract.Store, "add", add)
    run(*command)
    assert done < 8
    assert len(set(counted)) == 8
    assert len(counted) <= 8 + 1  # the one under way when the power was cut
    counted.clear()
    before = arrays(tmp_path / "out", "training")
    run(*command)
    assert counted == []
    for split in prepare.SPLITS:
        assert arrays(tmp_path / "out", split)["log_mel"].shape[1:] == (128, 128)
    np.testing.assert_array_equal(
        arrays(tmp_path / "out", "training")["log_mel"], before["log_mel"]
    )
    fma_tree.write_song(tmp_path / "songs" / "fado" / "2.mp3", 5, seed=9)
    run(*command)
    assert counted == ["fado/2.mp3"]


def test_a_folder_that_is_no_download_is_one_sentence(tmp_path, capsys):
    assert main(["prepare", "--fma", str(tmp_path), "--output", str(tmp_path / "out")]) == 1
    assert "fma_metadata" in capsys.readouterr().err.splitlines()[-1]
    assert not (tmp_path / "out").exists()


def test_a_table_that_was_changed_is_noticed(tmp_path):
    rows = [fma_tree.row(2, "Rock", "training", 1, "A"), fma_tree.row(3, "Jazz", "test", 2, "B")]
    rows[1]["set/subset"] = "medium"
    folder = tmp_path / "fma_metadata"
    fma_tree.write_tables(folder, rows)
    (folder / "checksums").write_text(f"{sha1(folder / 'tracks.csv')}  tracks.csv\n")
    metadata = Clips.find(tmp_path, "fma_metadata")
    assert [track.track_id for track in fma.tracks(metadata, "small")] == [2]
    assert [track.genre for track in fma.tracks(metadata, "medium")] == ["Rock", "Jazz"]
    text = (folder / "tracks.csv").read_text()
    (folder / "tracks.csv").write_text(text.replace("Rock", "Folk"))
    with pytest.raises(DataError, match="SHA-1"):
        fma.tracks(metadata, "small")


def test_what_is_known_of_the_archives():
    assert set(fma.ARCHIVES) == {"fma_metadata.zip", *(f"fma_{s}.zip" for s in fma.SUBSETS)}
    for name, archive in fma.ARCHIVES.items():
        assert archive.url.endswith("/" + name)
        assert len(bytes.fromhex(archive.sha1)) == 20
        assert 0 < archive.gib < 1000
    assert {98565, 98567, 98569, 99134, 108925, 133297} == fma.BROKEN
    assert [len(fma.data_set(subset).genres) for subset in fma.SUBSETS] == [8, 16, 16, 16]


def test_broken_clips_are_not_in_the_stored_set_and_the_constant_one_is(shared_audio):
    stored = shared_audio.parent / "fma_small" / "training.npz"
    if not stored.is_file():
        pytest.skip("the stored features in ../shared/fma_small are not here")
    with np.load(stored) as training:
        numbers, levels = training["track_id"], training["log_mel"]
    assert not fma.BROKEN & set(numbers.tolist())
    (constant,) = levels[numbers == 107535]
    assert (constant == constant[0]).all()


def test_real_clips_are_the_rows_of_the_stored_set(shared_audio, tmp_path):
    stored = shared_audio.parent / "fma_small"
    if not stored.is_dir():
        pytest.skip("the stored features in ../shared/fma_small are not here")
    with (shared_audio / "tracks.csv").open(newline="") as file:
        table = list(csv.DictReader(file))
    rows = []
    for i, track in enumerate(table):
        clip = tmp_path / "fma_small" / clip_path(int(track["track_id"]))
        clip.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(shared_audio / track["file"], clip)
        assert sha1(clip) == track["sha1"]
        rows.append(
            fma_tree.row(int(track["track_id"]), track["genre"], track["split"], i, track["artist"])
        )
    fma_tree.write_tables(tmp_path / "fma_metadata", rows)
    report = run("--fma", tmp_path, "--output", tmp_path / "out")
    assert report["left_out"] == []
    splits = ("training", "validation")
    mean_db = np.concatenate([_distance(tmp_path / "out", stored, split) for split in splits])
    assert len(mean_db) == 15
    assert mean_db.max() < 1.0
    assert mean_db.mean() < 0.45


def _distance(folder, stored, split):
    """Mean absolute difference of each clip from its stored row [dB]."""
    ours = arrays(folder, split)
    with np.load(stored / f"{split}.npz") as whole:
        theirs = {name: whole[name] for name in ("track_id", "genre", "log_mel")}
    at = [int(np.flatnonzero(theirs["track_id"] == i)[0]) for i in ours["track_id"]]
    np.testing.assert_array_equal(ours["genre"], theirs["genre"][at])
    ours, theirs = (from_levels(x) for x in (ours["log_mel"], theirs["log_mel"][at]))
    return 80 * np.abs(ours - theirs).mean(axis=(1, 2))


def test_a_set_larger_than_memory_stays_on_the_disk(prepared_fma, fma_download, tmp_path, counted):
    shutil.copy(prepared_fma[0] / "features.sqlite", tmp_path)
    run("--fma", fma_download, "--output", tmp_path, "--format", "memmap")
    assert set(counted) <= {clip["source"] for clip in prepared_fma[1]["left_out"]}
    assert not (tmp_path / "training.npz").exists()
    on_disk, in_memory = (load_split(f, "training") for f in (tmp_path, prepared_fma[0]))
    assert isinstance(on_disk.log_mel.levels, np.memmap)
    assert len(on_disk.log_mel) == len(in_memory)
    rows = np.array([5, 0, 17])
    np.testing.assert_array_equal(on_disk.log_mel[rows], in_memory.log_mel[rows])
    np.testing.assert_array_equal(np.asarray(on_disk.log_mel), in_memory.log_mel)
    for name in ("track_id", "genre", "artist_groups"):
        np.testing.assert_array_equal(getattr(on_disk, name), getattr(in_memory, name))


def test_the_archives_of_clips_have_a_list_of_their_own(fma_download):
    assert len(Clips.find(fma_download, "fma_small").checksums()) == 61


@pytest.mark.slow
def test_a_killed_process_is_one_sentence_and_the_next_run_goes_on(fma_download, tmp_path, capsys):
    add, arrived = extract.Store.add, []

    def watched(features):
        for got in features:
            arrived.append(got.source)
            if len(arrived) == 10:
                for worker in psutil.Process().children():
                    if "LokyProcess" in " ".join(worker.cmdline()):
                        worker.kill()
            yield got

    command = ["prepare", "--fma", str(fma_download), "--output", str(tmp_path), "--workers", "2"]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(extract.Store, "add", lambda self, got: add(self, watched(got)))
        assert main(command) == 1
    assert "run it again to go on" in capsys.readouterr().err.splitlines()[-1]
    with closing(extract.Store(tmp_path / "features.sqlite")) as store:
        assert set(store.stamps()) == set(arrived)
    assert 10 <= len(arrived) < 60
    assert main(command) == 0


def test_an_interruption_is_one_line(fma_download, tmp_path, capsys, monkeypatch):
    def interrupted(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr(extract.Store, "add", interrupted)
    assert main(["prepare", "--fma", str(fma_download), "--output", str(tmp_path)]) == 130
    assert capsys.readouterr().err.splitlines()[-1] == "python -m train prepare: stopped."


@pytest.fixture
def undecoded(monkeypatch):
    """Stands in for decoding: a made-up log-mel a file, and none of a file called broken."""

    def feature(_clips, source, stamp, *_):
        if "broken" in source:
            return Feature(source, stamp, None, "It is broken.")
        levels = np.random.default_rng(len(source)).integers(0, 256, (SPEC.n_frames, SPEC.n_mels))
        return Feature(source, stamp, levels.astype(np.uint8).tobytes())

    monkeypatch.setattr(extract, "feature", feature)


def music(folder, files):
    """A table of files by genre, the names of which are given."""
    rows = ["path,label"]
    for genre, names in files.items():
        for name in names:
            path = folder / genre / name
            path.parent.mkdir(exist_ok=True, parents=True)
            path.touch()
            rows.append(f"{genre}/{name},{genre}")
    (folder / "songs.csv").write_text("\n".join(rows))
    return folder / "songs.csv"


def numbered(count, name="x"):
    return [f"{name}{i}.mp3" for i in range(count)]


@pytest.mark.usefixtures("undecoded")
def test_more_genres_than_a_byte_numbers(tmp_path):
    table = music(tmp_path, {f"Genre {i:03d}": numbered(3) for i in range(130)})
    report = run("--table", table, "--output", tmp_path / "out")
    assert report["warning"].startswith("390 of 390 clips")
    loaded = load_split(tmp_path / "out", "test")
    assert loaded.genre.tolist() == list(range(130))
    assert loaded.one_hot.shape == (130, 130)
    assert loaded.genres[129] == "Genre 129"


@pytest.mark.usefixtures("undecoded")
def test_a_genre_of_broken_files_is_none(tmp_path):
    files = {"Fado": numbered(43), "Tango": [*numbered(3), *numbered(9, "broken")]}
    table = music(tmp_path, files | {"Noise": numbered(3, "broken")})
    report = run("--table", table, "--output", tmp_path / "out")
    assert report["clips"] == {
        "training": {"Fado": 35, "Tango": 1},
        "validation": {"Fado": 4, "Tango": 1},
        "test": {"Fado": 4, "Tango": 1},
    }
    assert report["warning"].startswith("Noise is left out")
    assert len(report["left_out"]) == 12
    assert load_split(tmp_path / "out", "training").genres == ("Fado", "Tango")
    assert json.loads((tmp_path / "out" / "report.json").read_text()) == report


@pytest.mark.usefixtures("undecoded")
def test_names_that_are_not_utf8(tmp_path, capsys):
    names = [os.fsdecode(b"caf\xe9%d.mp3" % i) for i in range(3)]
    folder = tmp_path / "music"
    for genre in ("Fado", "Tango"):
        for name in [*names, os.fsdecode(b"broken\xe8.mp3")]:
            (folder / genre).mkdir(parents=True, exist_ok=True)
            (folder / genre / name).touch()
    command = ["prepare", "--folder", str(folder), "--output", str(tmp_path / "out")]
    for _ in range(2):
        assert main([*command, "--workers", "1"]) == 0
    assert "left out: Fado/broken\ufffd.mp3: It is broken." in capsys.readouterr().out
    assert len(load_split(tmp_path / "out", "training")) == 2
    report = json.loads((tmp_path / "out" / "report.json").read_text(encoding="utf-8"))
    assert report["left_out"][0]["source"] == "Fado/broken\udce8.mp3"


@pytest.mark.usefixtures("undecoded")
@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        (["--workers", "0"], "--workers takes a number from 1 on, or -1 for all processors."),
        (["--seed", "-1"], "--seed takes a number from 0 to 4294967295. Received: -1"),
        (["--output", "{}/songs.csv"], "songs.csv is a file, and a folder is needed there"),
        (["--output", "{}/songs.csv/out"], "songs.csv/out is a file, and a folder is needed"),
        (["--output", "/dev/null/out"], "/dev/null/out is a file, and a folder is needed"),
        (["--output", "{}"], "training holds other files than a split, which would be lost"),
    ],
)
def test_options_that_have_no_sense_are_one_sentence(tmp_path, options, complaint, capsys):
    table = music(tmp_path, {"Fado": numbered(3), "Tango": numbered(3)})
    own = tmp_path / "training" / "mine.wav"
    own.parent.mkdir()
    own.write_text("precious")
    command = ["prepare", "--table", str(table), "--output", str(tmp_path / "out")]
    assert main([*command, *(option.format(tmp_path) for option in options)]) == 1
    assert complaint in capsys.readouterr().err.splitlines()[-1]
    assert own.read_text() == "precious"


def test_a_table_of_tracks_that_is_not_fmas_is_one_sentence(tmp_path, capsys):
    (tmp_path / "fma_metadata").mkdir()
    (tmp_path / "fma_small").mkdir()
    command = ["prepare", "--fma", str(tmp_path), "--output", str(tmp_path / "out")]
    for content in (
        "track_id,set.split,set.subset,genre\n2,training,small,Rock\n",
        "",
        "a,b\nc,d\n1,2,3,4,5\n6,7,8,9,10,11,12\n",
    ):
        (tmp_path / "fma_metadata" / "tracks.csv").write_text(content)
        assert main(command) == 1
        last = capsys.readouterr().err.splitlines()[-1]
        assert last.startswith("python -m train prepare: tracks.csv in ")
        assert "is not FMA's table of tracks" in last


def test_artists_of_a_table_may_be_unknown(tmp_path):
    rows = [fma_tree.row(2, "Rock", "training", 7, "A"), fma_tree.row(3, "Pop", "test", "", "")]
    fma_tree.write_tables(tmp_path / "fma_metadata", rows)
    tracks = fma.tracks(Clips.find(tmp_path, "fma_metadata"), "small")
    assert [track.artist_id for track in tracks] == [7, -1]
