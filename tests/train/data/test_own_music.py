"""A table of somebody's own files becomes splits that no artist crosses."""

import csv
from collections import Counter

import pytest

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
        ("file,genre\n1.mp3,Fado\n", "no table with the columns"),
        ("path,label\n1.mp3,Fado\n2.mp3,Tango\n", "Fado has 1 files"),
        ("path,label\n1.mp3,Fado\n./1.mp3,Tango\n", "names 1.mp3 2 times"),
        ("path,label\n1.mp3,Fado\n2.mp3,\n", "no label for 2.mp3"),
    ],
)
def test_other_tables_are_refused(tmp_path, content, complaint):
    (tmp_path / "songs.csv").write_text(content)
    with pytest.raises(DataError, match=complaint):
        own_music.from_table(tmp_path / "songs.csv")
