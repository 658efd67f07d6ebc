"""The journal of a run undoes it, and is believed nothing that it does not prove."""

import base64
import hashlib
import json
import os
import zlib
from pathlib import Path

import mutagen
import pytest

from songnet.errors import TagError, UnwritableError
from songnet.tagging import Field, Journal, PastJournal, undo_entry, write_genre
from songnet.tagging.journal import checksum
from songnet.tagging.values import GENRE
from tests.support.tagged import plain_song, sha256, sound_of, tagged_song, undo, write


@pytest.fixture
def journal(tmp_path):
    """A journal of three songs, one of them with a name that is not UTF-8."""
    names = (b"a tune.mp3", b"caf\xe9\n.flac", b"other.ogg")
    with Journal(tmp_path / "journals", None) as opened:
        for number, name in enumerate(names):
            path = Path(os.fsdecode(os.fsencode(tmp_path) + b"/" + name))
            # The encoder wants UTF-8.
            tagged_song(tmp_path / f"song{path.suffix}").rename(path)
            write_genre(path, number, ("Folk",), GENRE, opened, sound_of)
    return opened.path


def songs(tmp_path):
    return sorted(path for path in tmp_path.iterdir() if path.is_file())


def rewritten(journal, change, *, checked=True):
    """The journal after a change of its entries, with checksums that are right again or not."""
    lines, check = [], ""
    for number, line in enumerate(journal.read_bytes().splitlines()):
        content = json.loads(line)
        old_check = content.pop("check")
        change(number, content)
        check = checksum(check, content) if checked else old_check
        lines.append(json.dumps(content | {"check": check}).encode() + b"\n")
    journal.write_bytes(b"".join(lines))


def test_it_knows_every_name(tmp_path, journal):
    with PastJournal(journal) as past:
        assert len(past) == 3
        assert [entry.path for entry in past.entries()] == songs(tmp_path)
        assert [entry.now for entry in past.entries()] == [("Folk",)] * 3
    assert journal.stat().st_mode & 0o077 == 0


def test_what_was_changed_since_is_left(tmp_path, journal):
    first, second, third = songs(tmp_path)
    opened = mutagen.File(first)
    opened.tags.delall("TIT2")
    opened.save()
    second.unlink()
    kept = sha256(first)
    with PastJournal(journal) as past:
        for entry, why in zip(past.entries(), ("changed since", "not there", None), strict=True):
            if why is None:
                continue
            with pytest.raises(UnwritableError, match=why):
                undo_one(entry, past)
    assert sha256(first) == kept
    undone = [entry for entry in PastJournal(journal).entries() if entry.path == third]
    with PastJournal(journal) as past:
        assert undo_one(undone[0], past)
    assert sha256(third) == undone[0].before


def undo_one(entry, past, field=GENRE):
    return undo_entry(entry, past.run, field, sound_of)


def test_a_run_that_goes_on_after_an_interruption(journal):
    """The half of a line that a killed run leaves is of a file that was not touched."""
    content = journal.read_bytes()
    journal.write_bytes(content[:-20])
    assert undo(journal) == [True, True]
    journal.write_bytes(content)
    assert undo(journal) == [False, False, True]


@pytest.mark.parametrize(
    "change",
    [
        lambda n, c: c.update(path="/etc/passwd") if n == 2 else None,
        lambda n, c: c.update(before="0" * 64) if n == 3 else None,
        lambda n, c: c.update(field="MOOD") if n == 0 else None,
    ],
    ids=["path", "digest", "field"],
)
def test_edited_by_hand(tmp_path, journal, change):
    """Every line is checked before the first file is touched."""
    before = {path: sha256(path) for path in songs(tmp_path)}
    rewritten(journal, change, checked=False)
    with pytest.raises(TagError, match=r"is damaged or was edited .*nothing was undone"):
        undo(journal)
    assert {path: sha256(path) for path in songs(tmp_path)} == before


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "is no journal"),
        (b"{}\n", "is no journal"),
        (b"[1]\n", "is no journal"),
        (b"\xff\xfe\x00" * 99, "is no journal"),
        (b"[" * 3_000 + b"\n", "is no journal"),
        (b'{"format": "songnet-tags", "version": 2}\n', "another version"),
        (b'{"format": "songnet-tags", "version": 1}\n', "damaged"),
    ],
)
def test_what_is_no_journal(tmp_path, content, why):
    path = tmp_path / "j.jsonl"
    path.write_bytes(content)
    with pytest.raises(TagError, match=why):
        PastJournal(path)


def test_no_journal_at_all(tmp_path):
    with pytest.raises(TagError, match="does not exist"):
        PastJournal(tmp_path / "none")
    with pytest.raises(TagError, match="is no file"):
        PastJournal(tmp_path)


def test_a_line_that_is_missing(journal):
    lines = journal.read_bytes().splitlines(keepends=True)
    journal.write_bytes(b"".join([lines[0], *lines[2:]]))
    with pytest.raises(TagError, match="line 2"):
        PastJournal(journal)


HOSTILE = {
    "relative path": {"path": "song.mp3"},
    "NUL in the path": {"path": "/a\0b.mp3"},
    "no digest": {"after": "x"},
    "negative time": {"mtime_ns": -1},
    "more than a part": {"back": [[0, 1, 2]]},
    "backwards": {"back": [[5, 2]]},
    "no base64": {"back": ["§"]},
    "unpacks to gigabytes": {"back": ["bomb"]},
    "no list": {"back": 7},
    "number": {"number": True},
    "values": {"was": [1]},
    "one more": {"more": 1},
}


@pytest.mark.parametrize("entries", HOSTILE.values(), ids=HOSTILE)
def test_made_by_a_stranger(journal, entries):
    """Checksums anybody can compute; what they are of is checked all the same."""
    if entries == {"back": ["bomb"]}:
        entries = {"back": [bomb()]}
    rewritten(journal, lambda n, c: c.update(entries) if n == 1 else None)
    with pytest.raises(TagError, match="line 2"):
        PastJournal(journal)


def bomb():
    return base64.b64encode(zlib.compress(bytes(2**27))).decode()


def test_a_stranger_s_journal_changes_no_other_file(tmp_path):
    """Who knows a file's content could make another of it; genres of songs alone are changed."""
    victim = tmp_path / "notes.txt"
    victim.write_bytes(b"rent: 500")
    tune = plain_song(tmp_path / "tune.mp3")
    silent = plain_song(tmp_path / "silent.wav")
    genre = tmp_path / "journals"
    path = write(tune, "Folk", journals=genre)
    before = tune.read_bytes()
    changed = before[:-400] + bytes(400)

    def forge(target, new):
        def change(number, content):
            if number == 1:
                content["path"], content["after"] = str(target), sha256(target)
                content["before"] = hashlib.sha256(new).hexdigest()
                content["back"] = [base64.b64encode(zlib.compress(new)).decode()]

        rewritten(path, change)

    for target, new, why in (
        (victim, b"rent: 900", "it is no song"),
        (tune, changed, "its sound would change"),
        (tune, silent.read_bytes(), "other tags|sound"),
        (tune, b"", "."),
    ):
        kept = target.read_bytes()
        forge(target, new)
        with pytest.raises(UnwritableError, match=why):
            undo(path)
        assert target.read_bytes() == kept


def test_one_run_at_a_time(tmp_path, journal):
    with PastJournal(journal), pytest.raises(TagError, match="in use by another run"):
        PastJournal(journal)
    writing = Journal(tmp_path / "more", None)
    with writing, pytest.raises(TagError, match="in use by another run"):
        PastJournal(writing.path)


def test_two_runs_are_undone_in_turn(tmp_path):
    """The older one is refused while the newer one's genre is there."""
    tune = tagged_song(tmp_path / "tune.opus")
    before = sha256(tune)
    older = write(tune, "Folk", journals=tmp_path / "older")
    newer = write(tune, "Rock", "Pop", journals=tmp_path / "newer")
    with pytest.raises(UnwritableError, match="changed since"):
        undo(older)
    assert undo(newer) == [True]
    assert undo(older) == [True]
    assert sha256(tune) == before


@pytest.mark.parametrize(
    "name", ["", "A", "X" * 61, "naïve", "A=B", "genre", "ID3", " MOOD", "a\n"]
)
def test_fields_that_cannot_be(name):
    with pytest.raises(TagError, match="field"):
        Field(name)
