"""Somebody's own files, in folders or a table, become splits that no artist crosses."""

import csv
import unicodedata
from collections import Counter
from dataclasses import replace

import mutagen.flac
import pytest

from tests.support import fma_tree, songs
from tests.support.sentences import assert_one_sentence
from train.data import own_music
from train.errors import DataError


def write_table(folder, artists):
    with (folder / "songs.csv").open("w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["path", "label", "artist"])
        for i, artist in enumerate(artists):
            rows.writerow([f"{i}.mp3", ["Fado", "Tango"][i % 2], artist])
    return folder / "songs.csv"


def dealt(table, seed=0):
    tracks, few = own_music.dealt(own_music.from_table(table), seed)
    assert few == {}
    return tracks


def test_own_files_are_split_by_artist(tmp_path):
    artists = [f"Artist {i // 4}" for i in range(80)]
    tracks = dealt(write_table(tmp_path, artists))
    splits = {artist: set() for artist in artists}
    for track in tracks:
        splits[track.artist].add(track.split)
    assert all(len(found) == 1 for found in splits.values())
    count = Counter(track.split for track in tracks)
    assert count["training"] == 64
    assert count["validation"] == count["test"] == 8
    assert {t.genre for t in tracks if t.split == "test"} == {"Fado", "Tango"}
    assert own_music.warnings(tracks, set()) == []
    assert dealt(tmp_path / "songs.csv") == tracks
    assert dealt(tmp_path / "songs.csv", seed=1) != tracks
    known = own_music.data_set("Mine", tracks, "other")
    assert known.genres == ("Fado", "Tango")
    assert known.training_data == "Mine: 80 clips by 20 artists"


def test_without_artists_there_is_a_warning_in_words_and_figures(tmp_path):
    artists = ["Ana", "Ana", *[""] * 38]
    tracks = dealt(write_table(tmp_path, artists))
    (warning,) = own_music.warnings(tracks, set())
    assert "38 of 40 clips (95%) have no artist" in warning
    assert "flatters" in warning


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        ("path,label\n1.mp3,Fado\n", "two or more labels"),
        ("file,genre\n1.mp3,Fado\n", "no table with the columns.*must name path and label"),
        ("path,label\n,Fado\n", "no path in line 2"),
        ("path,label\n,Fado\n1.mp3,Fado\n,Pop\n", "no path in lines 2, 4"),
        (
            "path,label\n1.mp3,Fado\n2.mp3,Tango\n3.mp3,Tango\n",
            "^Fado has 1 file, Tango has 2 files: a genre needs three files at least.$",
        ),
        (
            "path,label\n1.mp3,Fado\n./1.mp3,Tango\n2.mp3,Fado\n2.mp3,Fado\n2.mp3,Fado\n",
            "names 1.mp3 2 times, 2.mp3 3 times",
        ),
        ("path,label\n1.mp3,Fado\n2.mp3,\n3.mp3,\n", "no label for 2.mp3, 3.mp3: fill"),
    ],
)
def test_other_tables_are_refused(tmp_path, content, complaint):
    (tmp_path / "songs.csv").write_text(content)
    with pytest.raises(DataError, match=complaint):
        own_music.from_table(tmp_path / "songs.csv")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_tables_as_spreadsheets_write_them(tmp_path, encoding, separator):
    (tmp_path / "Música").mkdir()
    names = [f"Canção {i}.mp3" for i in range(6)]
    for name in names:
        (tmp_path / "Música" / name).touch()
    rows = [["Artist", "Path", "LABEL"]]
    rows += [["Zé", f"Música\\{name}", ["Fado", "Tango"][i % 2]] for i, name in enumerate(names)]
    text = "\r\n".join(separator.join(row) for row in rows)
    (tmp_path / "songs.csv").write_bytes(text.encode(encoding))
    tracks = own_music.from_table(tmp_path / "songs.csv")
    assert [track.source for track in tracks] == [f"Música/{name}" for name in names]
    assert {track.artist for track in tracks} == {"Zé"}
    assert {track.genre for track in tracks} == {"Fado", "Tango"}


def test_a_file_whose_name_has_a_backslash_is_found_as_it_is(tmp_path):
    (tmp_path / "a\\b.mp3").touch()
    (tmp_path / unicodedata.normalize("NFD", "café.mp3")).touch()
    rows = ["a\\b.mp3,Fado", "café.mp3,Fado", "gone\\c.mp3,Fado"]
    rows += [f"{i}.mp3,Tango" for i in range(3)]
    (tmp_path / "songs.csv").write_text("path,label\n" + "\n".join(rows), encoding="utf-8")
    found = [track.source for track in own_music.from_table(tmp_path / "songs.csv")][:3]
    assert found == ["a\\b.mp3", unicodedata.normalize("NFD", "café.mp3"), "gone\\c.mp3"]


@pytest.fixture
def tree(tmp_path):
    """Three songs of two genres each, one song in a folder further down, with tags."""
    for genre in ("Fado", "Tango"):
        for i in range(3):
            path = tmp_path / genre / ("live" if i == 2 else "") / f"{i}.flac"
            path.parent.mkdir(parents=True, exist_ok=True)
            songs.write(path, songs.synthesise(1.1, 22_050), 22_050)
            tags = mutagen.flac.FLAC(path)
            tags["artist"] = f"{genre} {i}"
            tags.save()
    return tmp_path


def test_folders_of_tools_are_no_genres(tree, capsys):
    for name in (".ipynb_checkpoints", ".Trash", "@eaDir", "__MACOSX", "Fado/.cache"):
        fma_tree.write_song(tree / name / "x.mp3", 0, seed=0)
    (tree / "Fado" / "again").symlink_to(tree / "Fado")
    (tree / "notes.mp3").touch()
    tracks = own_music.from_tree(tree)
    assert [track.source for track in tracks] == [
        f"{genre}/{name}"
        for genre in ("Fado", "Tango")
        for name in ("0.flac", "1.flac", "live/2.flac")
    ]
    assert [track.artist for track in tracks] == [
        f"{genre} {i}" for genre in ("Fado", "Tango") for i in range(3)
    ]
    said = capsys.readouterr().err.splitlines()[0]
    assert said.startswith("passed over 5 hidden folders (")
    assert "1 linked folder (Fado/again)" in said


def test_a_genre_may_be_a_link_to_a_folder(tree, tmp_path_factory):
    elsewhere = tmp_path_factory.mktemp("elsewhere") / "songs"
    (tree / "Tango").rename(elsewhere)
    (tree / "Tango").symlink_to(elsewhere)
    assert Counter(track.genre for track in own_music.from_tree(tree)) == {"Fado": 3, "Tango": 3}


def test_tags_are_read_in_a_child_process_and_may_crash_it(tree, monkeypatch):
    def never(path):
        raise AssertionError(f"{path} was opened by the parent")

    monkeypatch.setattr("songnet.audio.tags.read_tags", never)
    (tree / "Tango" / "0.flac").write_bytes(b"fLaC" + b"\xff" * 1000)
    tracks = own_music.from_tree(tree)
    assert [track.artist for track in tracks if track.source == "Tango/0.flac"] == [""]
    assert sum(track.artist != "" for track in tracks) == 5


def test_what_is_no_folder_is_one_sentence(tmp_path):
    with pytest.raises(DataError, match="nope is no folder") as found:
        own_music.from_tree(tmp_path / "nope")
    assert_one_sentence(found.value)


def test_genres_of_too_few_usable_files_are_dropped_by_name(tmp_path):
    tracks = own_music.from_table(write_table(tmp_path, ["Ana"] * 10))
    rare = [track for track in tracks if track.genre == "Tango"][:2]
    with pytest.raises(DataError, match=r"Two genres need three files.*Received: Fado 5, Tango 2"):
        own_music.dealt([*(t for t in tracks if t.genre == "Fado"), *rare], seed=0)
    more = [replace(track, genre="Jazz", source=f"{track.source}.2") for track in tracks]
    used, few = own_music.dealt([*more, *(t for t in tracks if t.genre == "Fado"), *rare], seed=0)
    assert {track.genre for track in used} == {"Fado", "Jazz"}
    assert set(few) == {track.source for track in rare}
    assert "Only 2 files of Tango can be used" in few[rare[0].source]
    dropped, several = own_music.warnings(used, {"Tango"})
    assert dropped.startswith("Tango is left out")
    assert "Ana (training, validation, test)" in several
    assert "1 of 1 artists are in two of its parts" in own_music.data_set("M", used, "other").split
