"""Which files of a folder are songs, and what is said of the others."""

import os
import shutil
from pathlib import Path

import pytest

from songnet import folders
from songnet.errors import AudioError
from songnet.folders import PassedOver, find_songs
from tests.support.sentences import assert_one_sentence


def write(folder, *names):
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"")


def found(folder):
    """The songs, and the sentence about all else."""
    passed_over = PassedOver()
    songs = find_songs(folder, passed_over)
    return [song.relative_to(folder).as_posix() for song in songs], passed_over.sentence()


TITLES = [
    "...Baby One More Time.mp3",
    "... and justice for all.flac",
    ".38 Special - Hold On Loosely.mp3",
    ".38 Special/Hold On.mp3",
    "...And You Will Know Us by the Trail of Dead/01.mp3",
    ".. x.ogg",
]


def test_titles_may_begin_with_a_dot(tmp_path):
    write(tmp_path, *TITLES)
    assert found(tmp_path) == (sorted(TITLES, key=Path), "")


@pytest.mark.parametrize(
    "hidden",
    [".Trash-1000", ".git", ".Spotlight-V100", "@eaDir", "__MACOSX", "$RECYCLE.BIN", "#recycle"],
)
def test_hidden_folders_are_passed_over(tmp_path, hidden):
    write(tmp_path, "a.mp3", f"b/{hidden}/x/a.mp3")
    assert found(tmp_path) == (["a.mp3"], f"passed over 1 hidden folder (b/{hidden}).")


def test_what_a_mac_writes_beside_each_file_is_no_song_and_no_news(tmp_path):
    write(tmp_path, "a.mp3", "._a.mp3", ".DS_Store", "._...Baby One More Time.mp3")
    assert found(tmp_path) == (["a.mp3"], "")


def test_hidden_songs_are_told(tmp_path):
    write(tmp_path, "a.mp3", ".trashed-1700000000-b.mp3", ".hidden.wav")
    said = "passed over 2 hidden files (.hidden.wav, .trashed-1700000000-b.mp3)."
    assert found(tmp_path) == (["a.mp3"], said)


def test_sound_that_is_not_read_is_told_and_all_else_is_not(tmp_path):
    write(tmp_path, "a.mp3", "cover.jpg", "list.m3u", "notes.txt", "README", "x/y.sheet.pdf")
    assert found(tmp_path)[1] == ""
    write(tmp_path, "1.tak", "x/2.TAK", "3.mid", "4.ts")
    assert found(tmp_path)[1] == (
        "passed over 4 files of a kind that is not read (2 .tak, 1 .mid, 1 .ts)."
    )


@pytest.mark.parametrize(
    "ending", ["wmv", "asf", "m4v", "3g2", "qt", "ogv", "rf64", "snd", "adts", "mpga"]
)
def test_other_endings_of_the_formats_that_are_read(tmp_path, ending):
    write(tmp_path, f"a.{ending}")
    assert found(tmp_path) == ([f"a.{ending}"], "")


def test_of_many_names_the_first_few_are_given(tmp_path):
    write(tmp_path, *(f"{n}/.git/x" for n in range(5)))
    assert found(tmp_path)[1] == "passed over 5 hidden folders (0/.git, 1/.git, 2/.git, …)."


def test_linked_folders_are_told_and_not_followed(tmp_path):
    write(tmp_path, "music/a/1.mp3", "elsewhere/2.mp3")
    music = tmp_path / "music"
    (music / "jazz").symlink_to("../elsewhere")
    (music / "a" / "circle").symlink_to("..")
    (music / "gone.mp3").symlink_to("nowhere.mp3")
    (music / "linked.mp3").symlink_to("a/1.mp3")
    songs, said = found(music)
    assert songs == ["a/1.mp3", "gone.mp3", "linked.mp3"]
    assert said == (
        "passed over 2 linked folders (a/circle, jazz); a linked folder is searched if it is named "
        "itself."
    )
    assert found(music / "jazz")[0] == ["2.mp3"]


@pytest.fixture
def unreadable(monkeypatch):
    """Makes a folder unreadable, also for root."""
    locked, scandir = set(), os.scandir

    def refuse(path):
        if Path(path) in locked:
            raise PermissionError(13, "Permission denied", str(path))
        return scandir(path)

    monkeypatch.setattr(folders.os, "scandir", refuse)
    return locked.add


def test_a_folder_that_may_not_be_read_is_told(tmp_path, unreadable):
    write(tmp_path, "a.mp3", "private/b.mp3", "z/c.mp3")
    unreadable(tmp_path / "private")
    assert found(tmp_path) == (
        ["a.mp3", "z/c.mp3"],
        "passed over 1 folder that cannot be read (private).",
    )


def test_the_named_folder_itself_may_not_be_read(tmp_path, unreadable):
    unreadable(tmp_path)
    with pytest.raises(AudioError, match=r"cannot be read \(Permission denied\)") as caught:
        find_songs(tmp_path, PassedOver())
    assert_one_sentence(caught.value)


def test_a_folder_that_vanishes_is_told(tmp_path, monkeypatch):
    write(tmp_path, "a/1.mp3", "b/2.mp3")
    scandir = os.scandir

    def remove_the_other(path):
        name = Path(path).name
        if name in "ab":
            shutil.move(tmp_path / ("b" if name == "a" else "a"), tmp_path.parent / "gone")
        return scandir(path)

    monkeypatch.setattr(folders.os, "scandir", remove_the_other)
    songs, said = found(tmp_path)
    assert len(songs) == 1
    assert "1 folder that cannot be read" in said


@pytest.fixture
def deep(tmp_path, monkeypatch):
    """A folder with folders deeper than Python's recursion, and than a path may be long."""
    monkeypatch.chdir(tmp_path)
    for _ in range(1_200):
        os.mkdir("deep")
        os.chdir("deep")
    yield tmp_path
    # What removes temporary folders would fail on these.
    for _ in range(1_200):
        os.chdir("..")
        os.rmdir("deep")


def test_folders_that_lie_too_deep_are_told(deep):
    write(deep, "a.mp3")
    songs, said = found(deep)
    assert songs == ["a.mp3"]
    assert said.startswith("passed over 1 folder that cannot be read (deep/deep/")
    assert len(said) < 200


def test_names_that_are_no_text_are_shown(tmp_path):
    os.mkdir(os.fsencode(tmp_path) + b"/.caf\xe9\n")
    assert found(tmp_path)[1] == "passed over 1 hidden folder (.caf��)."
