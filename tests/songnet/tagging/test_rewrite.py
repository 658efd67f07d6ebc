"""A file is the old or the new one, whole, whatever happens while it is written."""

import errno
import fcntl
import json
import os
import shutil
import stat
import subprocess
import sys

import pytest

from songnet.errors import UnwritableError, WriteError
from songnet.tagging import Choices
from songnet.tagging.leftovers import settle
from tests.support.paths import ROOT
from tests.support.tagged import plain_song, sha256, tagged_song, undo, write


@pytest.fixture
def tune(tmp_path):
    (tmp_path / "music").mkdir()
    return plain_song(tmp_path / "music" / "tune.mp3")


def names(folder):
    return sorted(path.name for path in folder.iterdir())


@pytest.mark.slow
@pytest.mark.parametrize("what", ["write", "undo", "in-place"])
def test_killed_at_every_line(tmp_path, what):
    program = [sys.executable, "-m", "tests.support.killed_tagging", str(tmp_path), what]
    found = json.loads(subprocess.run(program, cwd=ROOT, check=True, capture_output=True).stdout)
    assert len(found) > 100
    at_once = {kill["at once"] for kill in found}
    # In place alone there is a time at which it is neither, until the next run completes it.
    assert at_once == {"old", "new"} | ({"torn"} if what == "in-place" else set())
    for kill in found:
        assert kill["afterwards"] in ("old", "new"), kill
        assert kill["undone"] == "old", kill
        assert kill["mode"], kill
        assert not [name for name in kill["left"] if name.startswith(".")], kill


def test_a_power_cut_finds_everything_on_the_disk(tmp_path, tune, monkeypatch):
    """What comes after is synced later: the copy, the journal, the new name of the copy."""
    done = []
    sync, replace = os.fsync, os.replace

    def recorded_sync(descriptor):
        done.append(("sync", os.readlink(f"/proc/self/fd/{descriptor}")))
        sync(descriptor)

    def recorded_replace(source, target):
        done.append(("replace", os.fspath(target)))
        replace(source, target)

    monkeypatch.setattr(os, "fsync", recorded_sync)
    monkeypatch.setattr(os, "replace", recorded_replace)
    journal = write(tune, "Folk", journals=tmp_path / "journals")
    copy = next(path for kind, path in done if kind == "sync" and ".songnet-tag-" in path)
    assert done[-4:] == [
        ("sync", copy),
        ("sync", str(journal)),
        ("replace", str(tune)),
        ("sync", str(tune.parent)),
    ]
    # The journal's name is on the disk, too, before anything that it is needed for.
    assert ("sync", str(journal.parent)) in done[:-4]


def test_permissions_and_attributes_are_kept(tmp_path, tune):
    os.chmod(tune, 0o640)
    os.utime(tune, ns=(1_000_000_000, 1_200_000_000_123_456_789))
    try:
        os.setxattr(tune, "user.rating", b"\xff5")
    except OSError:
        pytest.skip("this file system has no extended attributes")
    before = tune.stat()
    journal = write(tune, "Folk", journals=tmp_path / "journals")
    after = tune.stat()
    assert stat.S_IMODE(after.st_mode) == 0o640
    assert (after.st_uid, after.st_gid) == (before.st_uid, before.st_gid)
    assert os.getxattr(tune, "user.rating") == b"\xff5"
    assert after.st_mtime_ns > before.st_mtime_ns
    undo(journal, choices=Choices(keep_times=True))
    assert tune.stat().st_mtime_ns == before.st_mtime_ns
    write(tune, "Folk", journals=tmp_path / "more", choices=Choices(keep_times=True))
    assert tune.stat().st_mtime_ns == before.st_mtime_ns
    assert os.getxattr(tune, "user.rating") == b"\xff5"


def test_attributes_that_cannot_be_kept(tmp_path, tune, monkeypatch):
    monkeypatch.setattr(os, "listxattr", lambda _: ["user.x"])
    monkeypatch.setattr(os, "getxattr", lambda path, _: os.fspath(path).encode())
    monkeypatch.setattr(shutil, "copystat", lambda *_: None)
    assert_left(tmp_path, tune, "extended attributes")


def assert_left(tmp_path, path, why, **choices):
    before, about = path.read_bytes(), os.lstat(path)
    with pytest.raises(UnwritableError, match=why):
        write(path, "Folk", journals=tmp_path / "journals", **choices)
    assert path.read_bytes() == before
    assert (os.lstat(path).st_ino, os.lstat(path).st_mtime_ns) == (about.st_ino, about.st_mtime_ns)
    assert not [name for name in names(path.parent) if name.startswith(".")]


def test_what_may_not_be_written_is_left(tmp_path, tune):
    os.chmod(tune, 0o444)
    assert_left(tmp_path, tune, "it is read-only")
    os.chmod(tune, 0o644)
    os.chmod(tune.parent, 0o555)
    assert_left(tmp_path, tune, "its folder is read-only")
    os.chmod(tune.parent, 0o755)


def test_links(tmp_path, tune):
    link = tmp_path / "link.mp3"
    link.symlink_to(tune)
    assert_left(tmp_path, link, "symbolic link")
    other = tune.with_name("other.mp3")
    os.link(tune, other)
    assert_left(tmp_path, tune, "2 names")
    old = sha256(tune)
    journal = write(tune, "Folk", journals=tmp_path / "more", choices=Choices(hard_links=True))
    assert os.path.samefile(tune, other)
    assert sha256(other) != old
    assert undo(journal) == [True]
    assert os.path.samefile(tune, other)
    assert sha256(other) == old
    assert names(tune.parent) == ["other.mp3", "tune.mp3"]


@pytest.mark.parametrize("lock", [fcntl.flock, fcntl.lockf])
def test_what_another_program_has_locked_is_left(tmp_path, tune, lock):
    code = (
        "import fcntl, sys; file = open(sys.argv[1], 'r+b'); "
        f"fcntl.{lock.__name__}(file, fcntl.LOCK_EX); print(flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code, str(tune)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as other:
        other.stdout.readline()
        assert_left(tmp_path, tune, "another program has locked it")
        other.stdin.close()
    write(tune, "Folk", journals=tmp_path / "more")


@pytest.mark.parametrize("change", ["content", "replaced", "removed", "folder"])
def test_what_changes_meanwhile_is_left(tmp_path, tune, monkeypatch, change):
    """Another program is faster: what it has written stays."""

    def meddle(*_):
        if change == "content":
            with open(tune, "ab") as file:
                file.write(b"rest")
        elif change == "replaced":
            tune.with_name("new").write_bytes(b"new")
            os.replace(tune.with_name("new"), tune)
        elif change == "removed":
            tune.unlink()
        else:
            tune.parent.rename(tmp_path / "moved")

    monkeypatch.setattr("songnet.tagging.write.check_alike", meddle)
    with pytest.raises(UnwritableError, match=r"meanwhile|not there any more"):
        write(tune, "Folk", journals=tmp_path / "journals")
    if change == "content":
        assert tune.read_bytes().endswith(b"rest")
    elif change == "replaced":
        assert tune.read_bytes() == b"new"
    else:
        assert not tune.exists()
    # A copy in a folder that was moved is all that may be left.
    assert len(list(tmp_path.rglob(".songnet-tag-*"))) == (change == "folder")


def test_a_full_disk(tmp_path, tune, monkeypatch):
    """Wherever the disk is full, the old file is whole, and no copy takes room."""

    def full(*_):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    for name in ("shutil.copyfileobj", "os.replace", "songnet.tagging.rewrite._keep_attributes"):
        with monkeypatch.context() as patched:
            patched.setattr(name, full)
            assert_left(tmp_path, tune, "No space left")
    # The journal's disk is another one: without it, nothing is written.
    with monkeypatch.context() as patched:
        patched.setattr("songnet.tagging.journal.Journal.add", _no_journal)
        before = sha256(tune)
        with pytest.raises(WriteError):
            write(tune, "Folk", journals=tmp_path / "journals")
        assert sha256(tune) == before
        assert names(tune.parent) == ["tune.mp3"]


def _no_journal(journal, _):
    with journal._explained():
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def test_an_interruption_removes_the_copy(tmp_path, tune, monkeypatch):
    def interrupt(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr("songnet.tagging.write.check_alike", interrupt)
    before = sha256(tune)
    with pytest.raises(KeyboardInterrupt):
        write(tune, "Folk", journals=tmp_path / "journals")
    assert sha256(tune) == before
    assert names(tune.parent) == ["tune.mp3"]


@pytest.mark.parametrize("fault", ["sound", "cover", "artist"])
def test_what_would_change_more_is_left(tmp_path, monkeypatch, fault):
    """Were mutagen, or SongNet, to spoil a file, the comparison would find it."""
    path = tagged_song(tmp_path / "tune.flac")
    flac = "songnet.tagging.formats.vorbis.Flac"

    def spoil(self, file, field, _):
        content = file.seek(0) or file.read()
        places = {"sound": len(content) - 9, "cover": content.index(b"IDAT") + 9}
        place = places.get(fault) or content.lower().index(b"artist")
        file.seek(place)
        file.write(bytes([content[place] ^ 1]))
        return self.read(file, field)

    monkeypatch.setattr(f"{flac}.write", spoil)
    before = sha256(path)
    with pytest.raises(UnwritableError, match=r"would change|cannot be read"):
        write(path, "Folk", journals=tmp_path / "journals")
    assert sha256(path) == before


def test_copies_that_no_journal_explains_stay(tmp_path, tune):
    strange = tune.with_name(".songnet-tag-0123456789abcdef-3.tmp")
    strange.write_bytes(b"what is this?")
    unlike = tune.with_name(".songnet-tag-mine.tmp")
    unlike.write_bytes(b"mine")
    journal = write(tune, "Folk", journals=tmp_path / "journals")
    ours = tune.with_name(f".songnet-tag-{journal.stem.rpartition('-')[2]}-8.tmp")
    ours.write_bytes(b"half a copy")
    assert settle([tune.parent], journal.parent) == [strange]
    assert names(tune.parent) == [strange.name, unlike.name, "tune.mp3"]


def test_what_is_gone_or_another_than_was_heard(tmp_path, tune):
    about = tune.stat()
    heard = about.st_size, about.st_mtime_ns
    with open(tune, "ab") as file:
        file.write(b"rest")
    assert_left(tmp_path, tune, "changed since it was heard", heard=heard)
    tune.unlink()
    with pytest.raises(UnwritableError, match="not there any more"):
        write(tune, "Folk", journals=tmp_path / "journals")


def test_a_parser_s_own_fault_ends_no_run(tmp_path, tune, monkeypatch):
    def fail(*_):
        raise AssertionError("a fault")

    monkeypatch.setattr("songnet.tagging.formats.id3.ID3", fail)
    assert_left(tmp_path, tune, "its tags cannot be read")
