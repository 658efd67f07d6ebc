"""`songnet teach` and `songnet --genres`: from folders of songs to answers in their genres."""

import json
import shutil
import signal
from pathlib import Path

import numpy as np
import pytest

from songnet import OwnGenres, batch
from songnet.__main__ import main
from tests.support import songs
from tests.support.command import children_with, needs_proc, start, wait_until
from tests.support.taught import shortened, song_of, write_music


@pytest.fixture
def music(tmp_path):
    return write_music(tmp_path / "music")


@pytest.fixture(scope="module")
def taught_once(tmp_path_factory):
    folder = tmp_path_factory.mktemp("once")
    assert main(["teach", str(write_music(folder / "music")), "--output", str(folder / "g")]) == 0
    return folder / "g"


@pytest.fixture
def genres(taught_once, tmp_path):
    return Path(shutil.copy(taught_once, tmp_path / "my.genres"))


@pytest.fixture
def heard(monkeypatch):
    """The songs that are heard, as a list that grows."""
    found = []

    def hear_jobs(jobs, *arguments, **options):
        found.extend(jobs)
        return batch.hear_jobs(jobs, *arguments, **options)

    monkeypatch.setattr("songnet.commands.teach.hear_jobs", hear_jobs)
    return found


def teach(*arguments):
    return main(["teach", *map(str, arguments)])


def test_from_folders_to_answers(music, tmp_path, capsys):
    file = tmp_path / "my.genres"
    assert teach(music, "--output", file) == 0
    out, err = capsys.readouterr()
    assert out.startswith("2 genres, 8 songs. With a song left out at a time, 100 % are recognised")
    assert "  Noise: 4 of 4 recognised" in out
    assert err == ""
    new = songs.write(tmp_path / "new.wav", song_of("Noise", 9))
    assert main(["--genres", str(file), str(new)]) == 0
    assert capsys.readouterr().out.startswith("new.wav: Noise (Noise ")
    assert main(["--genres", str(file), str(new), "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert set(answer["probabilities"]) == {"Noise", "Tones"}
    assert answer["model"]["own_genres"] == OwnGenres.load(file).digest


def test_a_table_in_own_genres(genres, tmp_path, capsys):
    new = songs.write(tmp_path / "new.wav", song_of("Tones", 9))
    table = tmp_path / "table.csv"
    command = ["--genres", str(genres), str(new), "--csv", str(table)]
    assert main(command) == 0
    header, row = table.read_text("utf-8-sig").splitlines()
    assert header.startswith("file,genre,confidence,abstained,duration_s,Noise,Tones,artist")
    assert row.startswith("new.wav,Tones,")
    assert main(command) == 0
    capsys.readouterr()
    assert main([str(new), "--csv", str(table)]) == 2
    said = "table.csv has answers in other genres (Noise, Tones): name another file."
    assert said in capsys.readouterr().err


def test_a_song_unlike_all_is_none_of_these(genres, tmp_path, capsys):
    seconds = np.arange(5 * 44_100)[:, None] / 44_100
    path = songs.write(tmp_path / "hum.wav", 0.3 * np.sin(2 * np.pi * 60 * seconds))
    assert main(["--genres", str(genres), str(path)]) == 0
    assert capsys.readouterr().out.startswith("hum.wav: none of these (")


def test_show(genres, capsys):
    before = genres.read_bytes()
    assert teach("--show", genres) == 0
    out = capsys.readouterr().out
    assert out.startswith("2 genres, 8 songs.")
    assert "Tones:\n  0.wav\n  1.wav\n  2.wav\n  3.wav\n" in out
    assert OwnGenres.load(genres).network in out
    assert teach("--show", genres, "--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert told["genres"] == {"Noise": 4, "Tones": 4}
    assert told["songs"][7] == {"genre": "Tones", "title": "3.wav", "artist": None}
    assert genres.read_bytes() == before


def test_songs_are_added_without_hearing_the_old_ones(genres, tmp_path, capsys, heard):
    more = tmp_path / "more"
    for seed in range(3):
        (more / "Hum").mkdir(parents=True, exist_ok=True)
        hum = np.sin(np.arange(88_200)[:, None] * (0.01 + 0.001 * seed)) * 0.3
        songs.write(more / "Hum" / f"{seed}.wav", hum.astype(np.float32))
    (more / "Tones").mkdir()
    songs.write(more / "Tones" / "copy of 0.wav", song_of("Tones", 0))
    songs.write(more / "Tones" / "new.wav", 0.1 * song_of("Noise", 5) + song_of("Tones", 5))
    assert teach(genres, "--add", more) == 0
    err = capsys.readouterr().err
    assert len(heard) == 5
    assert "Copies of songs in the same genre, which are left out: 1 (copy of 0.wav)." in err
    assert OwnGenres.load(genres).counts == {"Hum": 3, "Noise": 4, "Tones": 5}
    genres.write_bytes(shortened(genres.read_bytes()))
    assert teach(genres, "--add", more) == 1
    assert "All embeddings must have one length" in capsys.readouterr().err


def test_a_changed_copy_can_be_written_elsewhere(genres, tmp_path, capsys):
    before = genres.read_bytes()
    (tmp_path / "more" / "Tones").mkdir(parents=True)
    songs.write(tmp_path / "more" / "Tones" / "5.wav", song_of("Noise", 5))
    other = tmp_path / "other.genres"
    assert teach(genres, "--add", tmp_path / "more", "--output", other) == 0
    assert genres.read_bytes() == before
    assert OwnGenres.load(other).counts == {"Noise": 4, "Tones": 5}
    assert teach(other, "--remove", "Fado") == 1
    assert "“Fado” is not among the genres: they are Noise, Tones." in capsys.readouterr().err
    assert teach(other, "--remove", "Noise") == 1
    assert "Without “Noise” only Tones would be left" in capsys.readouterr().err
    assert OwnGenres.load(other).counts == {"Noise": 4, "Tones": 5}


def test_a_genre_is_taken_out(genres, tmp_path):
    folder = write_music(tmp_path / "more", per_genre=3)
    (folder / "Noise").rename(folder / "Rain")
    shutil.rmtree(folder / "Tones")
    assert teach(genres, "--add", folder) == 0
    assert OwnGenres.load(genres).names == ("Noise", "Rain", "Tones")
    assert teach(genres, "--remove", "Noise") == 0
    assert OwnGenres.load(genres).names == ("Rain", "Tones")


def test_titles_can_be_left_out(music, tmp_path):
    file = tmp_path / "my.genres"
    assert teach(music, "--output", file, "--without-titles") == 0
    assert ".wav" not in file.read_text()


def test_bad_songs_among_good_ones(music, tmp_path, capsys):
    (music / "Noise" / "broken.mp3").write_bytes(b"no sound " * 100)
    songs.write(music / "Tones" / "silent.wav", np.zeros((88_200, 1), np.float32))
    (music / "Empty").mkdir()
    (music / ".hidden").mkdir()
    songs.write(music / "loose.wav", song_of("Tones", 1))
    songs.write(music / "Noise" / "a tone.wav", song_of("Tones", 2))
    assert teach(music, "--output", tmp_path / "my.genres") == 1
    out, err = capsys.readouterr()
    assert "Noise/broken.mp3 is not audio that can be read" in err
    assert "Tones/silent.wav is silent and teaches nothing" in err
    assert "Empty holds no songs and is no genre." in err
    assert "passed over 1 hidden folder (.hidden)." in err
    assert "loose.wav in music itself: left out, as a genre is a folder of its name." in err
    assert "a tone.wav is in Noise and in Tones: it teaches both." in out.replace(
        "2.wav", "a tone.wav"
    )
    own = OwnGenres.load(tmp_path / "my.genres")
    assert own.counts == {"Noise": 5, "Tones": 4}
    assert teach(music, "--output", tmp_path / "again.genres", "--json") == 1
    broken, silent, learned = map(json.loads, capsys.readouterr().out.splitlines())
    assert (broken["file"], silent["file"]) == ("Noise/broken.mp3", "Tones/silent.wav")
    assert silent["error"] == "Tones/silent.wav is silent and teaches nothing: choose another song."
    assert (learned["genres"], learned["own_genres"]) == (own.counts, own.digest)
    assert learned["held_out"] == own.to_json()["held_out"]
    assert learned["remarks"] == own.remarks()


def test_a_genre_of_which_too_little_can_be_heard_is_left_out(music, tmp_path, capsys):
    (music / "Broken").mkdir()
    for number in range(3):
        (music / "Broken" / f"{number}.mp3").write_bytes(b"no sound " * 100)
    shutil.copytree(music / "Noise", music / "Half")
    (music / "Copies").mkdir()
    for number in range(3):
        shutil.copy(music / "Tones" / "0.wav", music / "Copies" / f"{number}.wav")
    for number in (0, 1):
        (music / "Half" / f"{number}.wav").write_bytes(b"no sound " * 100)
    assert teach(music, "--output", tmp_path / "my.genres") == 1
    err = capsys.readouterr().err
    assert "Half has 2 songs that can be learned from and needs 3: the genre is left out." in err
    assert "Broken has 0 songs that can be learned from and needs 3: the genre is left" in err
    assert "Copies has 1 song that can be learned from" in err
    assert "Copies of songs in the same genre, which are left out: 2 (1.wav, 2.wav)." in err
    assert OwnGenres.load(tmp_path / "my.genres").names == ("Noise", "Tones")


def remove(*names):
    def change(music):
        for name in names:
            (music / name).unlink()

    return change


def differ_by_case(music):
    shutil.copytree(music / "Noise", music / "noise")


def only_one_genre(music):
    shutil.rmtree(music / "Noise")


def linked_genres(music):
    for name in ("Noise", "Tones"):
        (music / name).rename(music.with_name(name))
        (music / name).symlink_to(music.with_name(name))


def songs_without_folders(music):
    for number, path in enumerate(sorted(music.rglob("*.wav"))):
        path.rename(music / f"{number}.wav")


def names_for_no_genre(music):
    (music / "Noise").rename(music / "<b>Noise")
    (music / "Tones").rename(music / "Title")


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (remove("Noise/0.wav", "Noise/1.wav"), "Noise has 2 songs: a genre needs 3 at least"),
        (
            remove(*(f"{genre}/{n}.wav" for genre in ("Noise", "Tones") for n in range(3))),
            "Noise has 1 song, Tones has 1 song: a genre needs 3 at least, and better 10.",
        ),
        (
            only_one_genre,
            "SongNet learns 2 to 200 genres, of 3 songs or more each. Here is one, Tones",
        ),
        (differ_by_case, "“Noise” and “noise” differ by case alone"),
        (songs_without_folders, "music holds no folders of songs: put the songs of each genre"),
        (linked_genres, "It holds linked folders, which are not searched: Noise, Tones."),
        (
            names_for_no_genre,
            "“<b>Noise” is no name for a genre: leave out control characters, < and >, and bytes "
            "that are not UTF-8. “Title” is a column of SongNet's tables",
        ),
        (shutil.rmtree, "music is no folder that can be read"),
    ],
)
def test_folders_that_cannot_be_learned_from(change, sentence, music, tmp_path, capsys, heard):
    change(music)
    assert teach(music, "--output", tmp_path / "my.genres") == 1
    out, err = capsys.readouterr()
    assert sentence in err
    assert heard == []
    assert out == ""
    assert not (tmp_path / "my.genres").exists()


def test_a_file_that_is_there_is_kept(music, genres, tmp_path, capsys):
    before = genres.read_bytes()
    assert teach(music, "--output", genres) == 2
    assert "my.genres is there already: name another file, or add" in capsys.readouterr().err
    assert genres.read_bytes() == before
    assert teach(music, "--output", tmp_path / "gone" / "my.genres") == 2
    assert "its folder is missing or closed" in capsys.readouterr().err


def test_an_empty_name_is_not_the_current_folder(music, genres, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(music)
    assert teach("", "--output", tmp_path / "new.genres") == 1
    assert teach(genres, "--add", "") == 1
    assert capsys.readouterr().err.count("An empty name is no folder") == 2


def test_a_file_that_is_write_protected_is_kept(genres, monkeypatch, capsys):
    # As for anybody but root, who may write all.
    monkeypatch.setattr("os.access", lambda path, _mode: Path(path).is_dir())
    assert teach(genres, "--remove", "Noise") == 2
    assert "my.genres is write-protected" in capsys.readouterr().err


def test_genres_of_other_weights_write_no_table(genres, music, tmp_path, capsys):
    content = json.loads(genres.read_text())
    genres.write_text(json.dumps(content | {"network": "0" * 64}))
    table = tmp_path / "table.csv"
    assert main(["--genres", str(genres), str(music), "--csv", str(table)]) == 1
    assert "These genres were taught with other weights (network 000000000000" in (
        capsys.readouterr().err
    )
    assert not table.exists()
    assert teach(genres, "--add", music) == 1
    assert "taught with other weights" in capsys.readouterr().err


def test_files_that_hold_no_genres(music, tmp_path, capsys):
    other = tmp_path / "other.genres"
    other.write_text("{}")
    for command in (
        ["teach", "--show", str(other)],
        ["teach", str(other), "--add", str(music)],
        ["teach", str(other), "--remove", "Dub"],
        ["--genres", str(other), str(music)],
    ):
        assert main(command) == 1
        out, err = capsys.readouterr()
        assert "This is no file of own genres: name one that songnet teach has written." in err
        assert out == ""


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["music"],
        ["my.genres", "--add", "a", "--remove", "b"],
        ["my.genres", "--show", "--output", "b"],
    ],
)
def test_wrong_usage(arguments, capsys):
    with pytest.raises(SystemExit) as ended:
        teach(*arguments)
    assert ended.value.code == 2
    assert capsys.readouterr().out == ""


@needs_proc
def test_ctrl_c_writes_nothing(long_songs, tmp_path):
    music = tmp_path / "music"
    for genre in ("A", "B"):
        shutil.copytree(long_songs, music / genre)
    process = start("teach", music, "--output", tmp_path / "my.genres")
    wait_until(lambda: children_with(process.pid, music))
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=120)
    assert process.returncode == 130
    assert "interrupted, and nothing was written." in err
    assert "Traceback" not in err
    assert not (tmp_path / "my.genres").exists()
