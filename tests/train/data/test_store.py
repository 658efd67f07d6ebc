"""The store of features: what is damaged, in use or not UTF-8."""

import os
import sqlite3
from contextlib import closing

import numpy as np
import pytest

from songnet.spec import SPEC
from tests.support.sentences import assert_one_sentence
from train.data.store import Feature, Store
from train.errors import DataError

LEVELS = np.arange(SPEC.n_frames * SPEC.n_mels, dtype=np.int64).astype(np.uint8).tobytes()


def filled(path, names=("a.mp3", "b.mp3")):
    with closing(Store(path)) as store:
        store.add(Feature(name, "1", LEVELS) for name in names)
    return path


def used(path):
    with closing(Store(path)) as store:
        return [store.levels(name) for name in store.stamps()], store.reasons()


def no_database(path):
    path.write_bytes(b"hello" * 1000)


def cut(path):
    path.write_bytes(path.read_bytes()[:6000])


def flipped(path):
    data = bytearray(path.read_bytes())
    data[4096:9000] = bytes(255 - byte for byte in data[4096:9000])
    path.write_bytes(data)


def other_columns(path):
    path.unlink()
    with closing(sqlite3.connect(path)) as database:
        database.execute("CREATE TABLE clips (name TEXT)")


def no_spectrogram(path):
    with closing(sqlite3.connect(path)) as database:
        database.execute("UPDATE clips SET levels = x'00'")
        database.commit()


@pytest.mark.parametrize("damage", [no_database, cut, flipped, other_columns, no_spectrogram])
def test_a_damaged_store_is_one_sentence_that_says_what_to_do(tmp_path, damage):
    path = filled(tmp_path / "features.sqlite")
    damage(path)
    with pytest.raises(DataError, match=r"features\.sqlite cannot be used .*: delete it") as found:
        used(path)
    assert_one_sentence(found.value)


def test_a_store_that_another_run_writes(tmp_path, monkeypatch):
    path, connect = filled(tmp_path / "features.sqlite"), sqlite3.connect
    monkeypatch.setattr(sqlite3, "connect", lambda name: connect(name, timeout=0))
    with closing(connect(path)) as other:
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(DataError, match="another run is writing it"):
            used(path)


def test_names_that_are_not_utf8_come_back_as_they_were(tmp_path):
    names = [os.fsdecode(b"caf\xe9.mp3"), os.fsdecode(b"caf\xe8.mp3"), "café.mp3"]
    levels, reasons = used(filled(tmp_path / "features.sqlite", names))
    assert len(levels) == 3
    assert set(reasons) == set(names)
