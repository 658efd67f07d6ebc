"""``songnet tag``: shows, writes, undoes, and says in a sentence what it cannot do."""

import json
import os
import shlex

import mutagen
import pytest
from mutagen.id3 import TALB, TCON

from songnet.__main__ import main
from songnet.errors import WriteError
from songnet.library import Library
from songnet.own_genres import OwnGenres, TaughtSong
from songnet.tagging import Journal
from songnet.weights import load_weights
from tests.support.tagged import sha256, tagged_song
from tests.support.taught import shortened


@pytest.fixture
def music(tmp_path, monkeypatch):
    """A folder of songs without genres, but for one; a broken one; and one that is no song's."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    folder = tmp_path / "my music"
    folder.mkdir()
    tagged_song(folder / "a.mp3")
    tagged_song(folder / "b.flac", ("Polka",))
    tagged_song(folder / "c.opus")
    (folder / "d.mp3").write_bytes(b"ID3 is what it begins with")
    return folder


def run(capsys, *arguments):
    """The exit status, the lines of standard output, and standard error."""
    capsys.readouterr()
    status = main(["tag", *map(os.fspath, arguments)])
    captured = capsys.readouterr()
    return status, captured.out.splitlines(), captured.err


def state(folder):
    return {p.name: (sha256(p), p.stat().st_mtime_ns) for p in folder.iterdir()}


def genres(path):
    tags = mutagen.File(path).tags
    return list(tags["TCON"].genres if "TCON" in tags else tags.get("genre", []))


def test_shown_written_and_undone(music, capsys, tmp_path):
    before = state(music)
    status, lines, said = run(capsys, music, "--sure", "0", "--hear", "all")
    # One cannot be heard.
    assert status == 1
    assert lines[0].split() == ["File", "There", "now", "Proposed", "Sure", "Remark"]
    assert [line.split()[0] for line in lines[1:]] == ["a.mp3", "b.flac", "c.opus"]
    assert "Polka" in lines[2]
    assert lines[2].endswith("has a genre")
    assert "2 of 4 songs would get a genre; left: has a genre (1), not heard (1)." in said
    assert "d.mp3" in said
    assert state(music) == before
    assert not (tmp_path / "data" / "songnet" / "tags").exists()

    # The command that it names is the one that writes.
    command = next(line for line in said.splitlines() if "To write: " in line).partition(": ")[2]
    words = shlex.split(command.partition(": ")[2])
    assert words[:3] == ["songnet", "tag", "--write"]
    (music / "d.mp3").unlink()
    status, lines, said = run(capsys, *words[2:])
    assert status == 0
    assert [line.rstrip().endswith("written") for line in lines[1:]] == [True, False, True]
    assert genres(music / "b.flac") == ["Polka"]
    answer = genres(music / "a.mp3")
    assert answer == [lines[1].split()[1]]
    assert sha256(music / "b.flac") == before["b.flac"][0]

    # Nothing is heard again, and nothing is left to be done.
    assert main(["scan", str(music)]) == 0
    assert "3 unchanged" in capsys.readouterr().err
    status, lines, said = run(capsys, music, "--sure", "0", "--write")
    assert "0 of 3 songs got a genre; left: has a genre (3)." in said
    assert "journal" not in said

    journal = next((tmp_path / "data" / "songnet" / "tags").iterdir())
    status, lines, said = run(capsys, "--undo", journal)
    assert status == 0
    assert [line.rpartition(": ")[2] for line in lines] == ["put back", "put back"]
    assert {name: digest for name, (digest, _) in state(music).items()} == {
        name: digest for name, (digest, _) in before.items() if name != "d.mp3"
    }
    status, lines, said = run(capsys, "--undo", journal, "--json")
    assert status == 0
    assert [json.loads(line)["outcome"] for line in lines] == ["as it was before"] * 2
    # The library knows that they have none.
    status, lines, said = run(capsys, music, "--sure", "0")
    assert "2 of 3 songs would get a genre" in said


def test_a_file_of_two_names_is_written_once(music, capsys):
    """And the journal is named first: a run that is killed says nothing at its end."""
    (music / "d.mp3").unlink()
    os.link(music / "a.mp3", music / "z.mp3")
    status, lines, said = run(capsys, music, "--sure", "0", "--write", "--hard-links")
    assert status == 0
    assert lines[1].endswith("written")
    assert lines[-1].endswith("it is another name of a file that was written")
    assert said.splitlines()[0].startswith("songnet: the journal of this run is ")
    assert genres(music / "a.mp3") == genres(music / "z.mp3") != []


def test_json_and_what_is_left(music, capsys, tmp_path):
    """Rows for programs; a map; files that cannot be written, now or since they were looked at."""
    (music / "d.mp3").unlink()
    os.chmod(music / "c.opus", 0o444)
    names = tmp_path / "map.toml"
    weights = load_weights()
    names.write_text("".join(f'"{g}" = ["{g}", "Mine"]\n' for g in weights.config.genres))
    options = ["--sure", "0", "--replace", "--map", names, "--json", "--write", "--keep-times"]
    times = [(music / name).stat().st_mtime_ns for name in ("a.mp3", "b.flac")]
    status, lines, _ = run(capsys, music, *options)
    assert status == 0
    rows = [json.loads(line) for line in lines]
    assert [row["file"] for row in rows] == ["a.mp3", "b.flac", "c.opus"]
    assert [row["written"] for row in rows] == [True, True, False]
    assert [row["why_not"] for row in rows] == [None, None, "it is read-only"]
    assert rows[1]["now"] == ["Polka"]
    for row in rows[:2]:
        assert row["proposed"] == [row["genre"], "Mine"]
        assert genres(row["path"]) == row["proposed"]
        assert 0 < row["confidence"] <= 1
    assert times == [(music / name).stat().st_mtime_ns for name in ("a.mp3", "b.flac")]

    # One has changed since: it is named, and the others are put back.
    opened = mutagen.File(music / "a.mp3")
    opened.tags.add(TCON(encoding=3, text=["Waltz"]))
    opened.save()
    journal = next((tmp_path / "data" / "songnet" / "tags").iterdir())
    status, lines, said = run(capsys, "--undo", journal)
    assert status == 1
    assert lines[0].endswith("left as it is, it was changed since")
    assert lines[1].endswith("put back")
    assert "1 put back, 0 were as before, 1 left" in said
    assert genres(music / "a.mp3") == ["Waltz"]
    assert genres(music / "b.flac") == ["Polka"]


def test_albums_and_own_genres(music, capsys, tmp_path):
    """What was heard once is judged by own genres, too, and by whole albums."""
    (music / "d.mp3").unlink()
    for name, key, value in (("a.mp3", "TALB", None), ("c.opus", "album", ["LP"])):
        opened = mutagen.File(music / name)
        opened.tags[key] = value or TALB(encoding=3, text=["LP"])
        opened.save()
    weights = load_weights()
    _, lines, _ = run(capsys, music, "--album", "--sure", "0", "--json")
    first, _, third = map(json.loads, lines)
    assert (first["genre"], first["confidence"]) == (third["genre"], third["confidence"])
    _, lines, _ = run(capsys, music, "--sure", "0", "--json")
    alone = [json.loads(line)["confidence"] for line in lines]
    assert alone[0] != alone[2]

    with Library.open() as library:
        heard = library.song(music / "a.mp3").embedding
    taught = [TaughtSong("Dub, live", heard + 0.01 * n, f"d{n}") for n in range(3)]
    taught += [TaughtSong("Fado", -heard + 0.01 * n, f"f{n}") for n in range(3)]
    own = tmp_path / "my.genres"
    OwnGenres.learn(taught, weights).save(own)
    _, lines, _ = run(capsys, music, "--genres", own, "--sure", "0", "--json")
    row = json.loads(lines[0])
    assert row["proposed"] == ["Dub, live"]
    names = tmp_path / "map.toml"
    names.write_text('Rock = "Metal"\n')
    status, _, said = run(capsys, music, "--genres", own, "--map", names)
    assert status == 2
    assert (
        "map.toml names “Rock”, which SongNet does not answer: there are Dub, live, Fado." in said
    )
    own.write_bytes(shortened(own.read_bytes()))
    status, _, said = run(capsys, music, "--genres", own, "--write", "--sure", "0")
    assert (status, genres(music / "a.mp3")) == (1, [])
    assert "taught by 2 numbers a song, and the network gives 96: teach them again." in said


def test_the_journal_is_named_whatever_ends_a_run(music, capsys, monkeypatch):
    (music / "d.mp3").unlink()
    (music / "b.flac").unlink()
    add, added = Journal.add, []

    def once(journal, entry):
        if added:
            raise WriteError("The journal cannot be written: make room for it.")
        added.append(entry)
        add(journal, entry)

    monkeypatch.setattr(Journal, "add", once)
    before = state(music)
    status, _, said = run(capsys, music, "--sure", "0", "--write")
    assert status == 2
    assert "make room for it" in said
    assert "To undo: songnet tag --undo" in said
    assert state(music)["c.opus"] == before["c.opus"]
    assert sorted(state(music)) == ["a.mp3", "c.opus"]
    assert state(music)["a.mp3"] != before["a.mp3"]


def test_a_run_that_changed_nothing_names_no_way_back(music, capsys, monkeypatch):
    def interrupt(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(Journal, "add", interrupt)
    before = state(music)
    status, _, said = run(capsys, music, "--sure", "0", "--write")
    assert status == 130
    assert "0 of 4 songs got a genre; left: not reached (2), has a genre (1), not heard (1)" in said
    assert "no file was changed: nothing is to be undone." in said
    assert "To undo" not in said
    assert state(music) == before


@pytest.mark.parametrize("of_the_library", [False, True])
def test_undo_removes_what_a_killed_run_has_left(music, capsys, tmp_path, of_the_library):
    (music / "album").mkdir()
    tagged_song(music / "album" / "e.mp3")
    assert run(capsys, music, "--sure", "0", "--write")[0] == 1
    journal = next((tmp_path / "data" / "songnet" / "tags").iterdir())
    number = journal.stem.rpartition("-")[2]
    if of_the_library:
        # As of a run that was killed while it made its first copy.
        header, *_ = journal.read_bytes().splitlines(keepends=True)
        journal.write_bytes(header)
    ours, strange = (
        music / "album" / f".songnet-tag-{run_number}-7.tmp" for run_number in (number, "0" * 16)
    )
    for copy in (ours, strange):
        copy.write_bytes(b"half a copy")
    assert run(capsys, "--undo", journal)[0] == 0
    assert (ours.exists(), strange.exists()) == (False, True)


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        ([], "name a folder of songs, or a journal with --undo"),
        ([""], "name a folder of songs"),
        (["--undo", "j", "Music"], "--undo knows the files"),
        (["--undo", "j", "--write"], "--undo knows the files"),
        (["Music", "--sure", "70"], "70 is no share"),
        (["Music", "--hear", "0"], "no number of windows"),
    ],
)
def test_wrong_usage(capsys, arguments, why):
    with pytest.raises(SystemExit) as ended:
        main(["tag", *arguments])
    assert ended.value.code == 2
    assert why in capsys.readouterr().err


def test_what_cannot_be_done_is_a_sentence(capsys, tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    foreign = tmp_path / "foreign.db"
    foreign.write_bytes(b"no library")
    empty = tmp_path / "empty"
    empty.mkdir()
    for arguments, status, why in (
        (["--undo", tmp_path / "none"], 2, "none does not exist: name a journal"),
        (["--undo", foreign], 2, "foreign.db is no journal"),
        ([empty, "--library", foreign], 2, "foreign.db"),
        ([empty], 1, "empty holds no audio files"),
        ([tmp_path / "gone"], 1, "gone does not exist"),
        ([empty, "--field", "TITLE"], 2, "“TITLE” is a field of its own"),
        ([empty, "--field", "tcon"], 2, "“tcon” is a field of its own"),
        ([empty, "--map", tmp_path / "none.toml"], 2, "none.toml cannot be read"),
        ([empty, "--genres", foreign], 1, "own genres"),
    ):
        found, lines, said = run(capsys, *arguments)
        assert (found, lines) == (status, []), arguments
        assert why in said
        assert len(said.splitlines()) == 1
