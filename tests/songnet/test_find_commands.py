"""`songnet like`, `playlist` and `map`, on libraries of songs that nobody has heard."""

import json
import sqlite3

import numpy as np
import pytest

from songnet.__main__ import main
from songnet.classifier import Classifier
from songnet.own_genres import OwnGenres, TaughtSong
from songnet.weights import load_weights
from tests.support import songs
from tests.support.made_library import GENRES, make_library, random_songs
from tests.support.taught import shortened

MADE = random_songs(60)


@pytest.fixture
def library(tmp_path):
    return str(make_library(tmp_path / "library.db", MADE))


def told(capsys):
    captured = capsys.readouterr()
    return captured.out, captured.err


def test_like_tells_the_nearest_and_writes_them(library, tmp_path, capsys):
    out = tmp_path / "like.m3u8"
    song = MADE[0]["path"]
    assert main(["like", song, "--library", library, "--count", "3", "--m3u", str(out)]) == 0
    heading, *lines = told(capsys)[0].splitlines()
    assert heading.split() == ["Similarity", "Genre", "Song", "File"]
    assert main(["like", song, "--library", library, "--count", "3", "--json"]) == 0
    answers = [json.loads(line) for line in told(capsys)[0].splitlines()]
    assert [answer["file"] for answer in answers] == [line.split("  ")[-1] for line in lines]
    similarity = [answer["similarity"] for answer in answers]
    assert similarity == sorted(similarity, reverse=True)
    assert out.read_text().splitlines()[2::2] == [answer["file"] for answer in answers]


def test_a_song_that_is_not_in_the_library_is_heard_and_not_kept(tmp_path, capsys):
    heard = songs.write(tmp_path / "song.wav", songs.synthesise(2.0, seed=1))
    # Near, and not so near that it is the song itself.
    near = 0.9 * Classifier.load().classify(heard).embedding
    near[np.argmin(near)] += (1 - near @ near) ** 0.5
    library = make_library(
        tmp_path / "library.db", [{"path": "/music/near.mp3", "embedding": near}]
    )
    before = library.read_bytes()
    assert main(["like", str(heard), "--library", str(library)]) == 0
    assert told(capsys)[0].endswith("/music/near.mp3\n")
    assert library.read_bytes() == before


def test_a_playlist_is_of_a_genre_and_sure_enough(library, tmp_path, capsys):
    out, genre = tmp_path / "rock.m3u8", MADE[0]["genre"]
    command = ["playlist", "--genre", genre.upper(), "--sure", "0.7", "--library", library]
    assert main([*command, "--json", str(out)]) == 0
    answers = [json.loads(line) for line in told(capsys)[0].splitlines()]
    expected = {s["path"] for s in MADE if s["genre"] == genre and s["confidence"] >= 0.7}
    assert {answer["file"] for answer in answers} == expected != set()
    assert out.read_text().splitlines()[2::2] == [answer["file"] for answer in answers]


def test_a_genre_that_no_song_is_sure_of_names_what_finds_the_surest(library, tmp_path, capsys):
    genre = MADE[0]["genre"]
    surest = max(s["confidence"] for s in MADE if s["genre"] == genre)
    command = ["playlist", "--genre", genre, "--library", library, str(tmp_path / "a.m3u8")]
    assert main([*command, "--sure", "1"]) == 1
    said = told(capsys)[1]
    assert f"with a confidence of 1 or more (--sure); the surest has {surest:.3f}" in said
    assert main([*command, "--sure", said.partition("say --sure ")[2].partition(",")[0]]) == 0


def test_a_playlist_leads_from_one_song_to_another(library, tmp_path, capsys):
    ends = ["--from", MADE[0]["path"], "--to", MADE[59]["path"], "--count", "5"]
    out = tmp_path / "way.m3u"
    assert main(["playlist", *ends, "--library", library, "--relative", str(out)]) == 0
    lines = out.read_text().splitlines()[2::2]
    assert 3 <= len(lines) <= 5
    assert lines[0].startswith("../")
    assert lines[0].endswith(MADE[0]["path"])
    assert lines[-1].endswith(MADE[59]["path"])
    assert "way.m3u: " in told(capsys)[0]


def test_playlists_and_maps_in_own_genres(tmp_path, capsys):
    theirs = [song for song in MADE if song["genre"] == GENRES[0]]
    others = [song for song in MADE if song["genre"] == GENRES[1]]
    taught = [TaughtSong("A", song["embedding"]) for song in theirs]
    taught += [TaughtSong("B", song["embedding"]) for song in others]
    OwnGenres.learn(taught, load_weights()).save(tmp_path / "my.genres")
    library = str(make_library(tmp_path / "library.db", MADE))
    own = ["--genres", str(tmp_path / "my.genres"), "--library", library]
    out = tmp_path / "a.m3u8"
    assert main(["playlist", "--genre", "A", "--sure", "0", *own, str(out)]) == 0
    found = {*out.read_text().splitlines()[2::2]}
    assert {song["path"] for song in theirs} & found
    assert not {song["path"] for song in others} & found
    capsys.readouterr()
    assert main(["playlist", "--genre", "Rock", *own, str(tmp_path / "r.m3u8")]) == 2
    assert "“Rock” is not among the genres: they are A, B." in told(capsys)[1]
    assert main(["map", *own, str(tmp_path / "map.html")]) == 0
    assert '"genres":[{"name":"A"' in (tmp_path / "map.html").read_text()
    size = (tmp_path / "map.html").stat().st_size
    assert told(capsys)[0].endswith(f"map.html: {len(MADE)} songs, {size / 1000:.0f} kB.\n")
    (tmp_path / "my.genres").write_bytes(shortened((tmp_path / "my.genres").read_bytes()))
    for command in (["playlist", "--genre", "A", "b.m3u8"], ["map", "b.html"]):
        assert main([*command[:-1], *own, str(tmp_path / command[-1])]) == 1
        assert "taught by 2 numbers a song, and the network gives 96" in told(capsys)[1]


@pytest.mark.parametrize("force", [[], ["--force"]])
@pytest.mark.parametrize(
    "command",
    [
        ["like", MADE[0]["path"], "--m3u"],
        ["playlist", "--genre", GENRES[0]],
        ["map"],
        ["export"],
    ],
)
def test_no_song_and_no_library_is_written_over(command, force, library, tmp_path, capsys):
    song = songs.write(tmp_path / "song.mp3", songs.synthesise(1.0))
    hidden = tmp_path / "library.m3u8"
    hidden.write_bytes((tmp_path / "library.db").read_bytes())
    for ending in (".html", ".csv"):
        hidden.with_suffix(ending).write_bytes(hidden.read_bytes())
    files = {path: path.read_bytes() for path in tmp_path.iterdir()}
    for path in [song, *files]:
        assert main([*command, str(path), "--library", library, *force]) == 2
        assert len(told(capsys)[1].splitlines()) == 1
    assert {path: path.read_bytes() for path in tmp_path.iterdir()} == files


def test_a_playlist_is_replaced_only_if_that_is_asked(library, tmp_path, capsys):
    out = tmp_path / "rock.m3u8"
    out.write_text("mine")
    command = ["playlist", "--genre", GENRES[0], "--sure", "0.3", "--library", library, str(out)]
    assert main(command) == 2
    assert "is there already: name another file, or add --force." in told(capsys)[1]
    assert out.read_text() == "mine"
    assert main([*command, "--force"]) == 0
    assert out.read_text().startswith("#EXTM3U\n")


@pytest.mark.parametrize(
    ("command", "sentence"),
    [
        (["like", "/music/none.mp3"], "none.mp3"),
        (["playlist", "--genre", "Schlager", "x.m3u8"], "“Schlager” is not among the genres"),
        (["playlist", "--genre", GENRES[0], "--sure", "1", "x.m3u8"], "No song of the library is"),
        (["playlist", "--from", "/a.mp3", "--to", "/b.mp3", "x.m3u8"], "a.mp3"),
    ],
)
def test_bad_input_is_one_sentence(command, sentence, library, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert main([*command, "--library", library]) in (1, 2)
    out, err = told(capsys)
    assert (out, len(err.splitlines())) == ("", 1)
    assert sentence in err
    assert not (tmp_path / "x.m3u8").exists()


@pytest.mark.parametrize("command", [["like", "a.mp3"], ["playlist", "--genre", "Rock", "x.m3u8"]])
def test_what_is_no_library_is_one_sentence(command, tmp_path, capsys):
    foreign = tmp_path / "other.db"
    with sqlite3.connect(foreign) as other:
        other.execute("CREATE TABLE songs (id)")
    for path in (tmp_path / "none.db", foreign):
        assert main([*command, "--library", str(path)]) in (1, 2)
        assert path.name in told(capsys)[1]
