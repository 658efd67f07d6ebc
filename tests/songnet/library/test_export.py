"""What is exported of a library is what it holds, whatever reads it."""

import csv
import json
import os

import numpy as np
import pytest

from songnet.__main__ import main
from songnet.commands import outputs
from songnet.errors import LibraryError
from songnet.library import Library
from songnet.library.export import export
from tests.support.library_rows import insert

GENRES = ("Dub", "Fado")
WINDOWS = [
    {"start_s": 0.0, "end_s": 30.0, "probabilities": {"Dub": 0.75, "Fado": 0.25}},
    {"start_s": 30.0, "end_s": 59.5, "probabilities": {"Dub": 0.5, "Fado": 0.5}},
]
VECTOR = np.float32([0.6, 0.8])


@pytest.fixture
def path(tmp_path):
    """A library of a song that is called like a formula, a silent one, and one that has gone."""
    with Library.open(tmp_path / "l.db", create=True) as library:
        library.belong_to("ab" * 32, GENRES)
        named = {"title": "=1+1", "year": 1999, "hear": 3, "genres": '["Fado", "+Dub"]'}
        insert(library, os.fsdecode(b"/m/a;caf\xe9.mp3"), WINDOWS, VECTOR, **named)
        silent = {"abstained": 1, "warnings": '["No sound is heard in it."]'}
        insert(library, "/m/silent.mp3", WINDOWS, **silent)
        insert(library, "/m/gone.mp3", WINDOWS, VECTOR, vanished=1)
    return tmp_path / "l.db"


def exported(path, name):
    output = path.with_name(name)
    told = []
    with Library.open(path) as library, output.open("wb") as file:
        assert export(library, file, output.suffix, lambda: told.append(1)) == 2
    assert len(told) == 2
    return output


def test_csv(path):
    content = exported(path, "out.csv").read_bytes()
    first, silent = csv.DictReader(content.decode("utf-8-sig").splitlines())
    assert content.startswith(b"\xef\xbb\xbfpath,size,")
    assert first["path"] == "/m/a\\x3bcaf\\xe9.mp3"
    assert (first["title"], first["tag_genres"]) == ("'=1+1", "Fado;' +Dub")
    assert (first["year"], silent["year"], first["hear"], silent["hear"]) == ("1999", "", "3", "")
    assert (first["Dub"], first["Fado"]) == ("0.625", "0.375")
    assert json.loads(first["windows"]) == [[0.0, 30.0, 0.75, 0.25], [30.0, 59.5, 0.5, 0.5]]
    assert [np.float32(first[f"embedding_{n}"]) for n in (0, 1)] == [*VECTOR]
    assert (silent["embedding_0"], silent["abstained"]) == ("", "True")
    assert silent["warnings"] == "No sound is heard in it."


def test_npz(path):
    # Without pickles.
    with np.load(exported(path, "out.npz")) as arrays:
        assert arrays["path"].tolist() == ["/m/a\\x3bcaf\\xe9.mp3", "/m/silent.mp3"]
        assert arrays["mtime_ns"].tolist() == [2**62, 2**62]
        np.testing.assert_array_equal(arrays["embeddings"], [VECTOR, [np.nan, np.nan]])
        np.testing.assert_array_equal(arrays["probabilities"], [[0.625, 0.375]] * 2)
        assert arrays["genres"].tolist() == ["Dub", "Fado"]
        assert arrays["window_song"].tolist() == [0, 0, 1, 1]
        assert arrays["window_end_s"].tolist() == [30.0, 59.5] * 2
        assert arrays["window_probabilities"][:2].tolist() == [[0.75, 0.25], [0.5, 0.5]]
        assert (arrays["year"].tolist(), arrays["title"].tolist()) == ([1999, 0], ["=1+1", ""])


def test_parquet(path):
    parquet = pytest.importorskip("pyarrow.parquet", reason="the extra `export` is not installed")
    table = parquet.read_table(exported(path, "out.parquet"))
    kinds = {field.name: str(field.type) for field in table.schema}
    assert kinds["embedding"] == kinds["probabilities"] == "list<element: float>"
    assert (kinds["size"], kinds["abstained"], kinds["year"]) == ("int64", "bool", "int16")
    assert json.loads(table.schema.metadata[b"genres"]) == ["Dub", "Fado"]
    first, silent = table.to_pylist()
    assert first["embedding"] == VECTOR.tolist()
    assert (silent["embedding"], silent["year"], first["hear"]) == (None, None, 3)
    assert first["tag_genres"] == ["Fado", "+Dub"]
    assert first["windows"][1] == {"start_s": 30.0, "end_s": 59.5, "probabilities": [0.5, 0.5]}


def test_parquet_without_pyarrow_says_how_to_get_it(path, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "pyarrow", None)
    with pytest.raises(LibraryError, match=r"install it with pip install pyarrow, or"):
        exported(path, "out.parquet")


@pytest.mark.parametrize("name", ["out.csv", "out.npz"])
def test_an_empty_library(tmp_path, name):
    with Library.open(tmp_path / "l.db", create=True) as library:
        library.belong_to("ab" * 32, GENRES)
        with open(tmp_path / name, "wb") as file:
            assert export(library, file, name[-4:]) == 0
    assert (tmp_path / name).stat().st_size > 0


def test_the_command_replaces_a_file_on_request_alone(path, monkeypatch, capsys):
    monkeypatch.chdir(path.parent)
    command = ["export", "out.csv", "--library", "l.db"]
    path.with_name("out.csv").write_text("mine")
    assert main(command) == 2
    said = "out.csv is there already: name another file, or add --force."
    assert capsys.readouterr().err == f"songnet: {said}\n"
    assert path.with_name("out.csv").read_text() == "mine"
    assert main([*command, "--force"]) == 0
    assert capsys.readouterr().out == "2 songs are in out.csv.\n"
    assert path.with_name("out.csv").read_text("utf-8-sig").startswith("path,")
    assert main([*command, "--force", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"file": "out.csv", "songs": 2}
    assert sorted(os.listdir()) == ["l.db", "l.db-shm", "l.db-wal", "out.csv"]


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["out.txt"], "name one that ends in .parquet, .csv or .npz."),
        (["none/out.csv"], "none/out.csv cannot be written, its folder is missing or closed"),
        (["folder.csv", "--force"], "folder.csv is no file: name another."),
        (["out.csv", "--library", "none"], "There is no library none: make it with songnet scan"),
        (["out.csv", "--library", "text"], "text is damaged or no library"),
    ],
)
def test_bad_input_gets_a_sentence(path, monkeypatch, capsys, arguments, sentence):
    monkeypatch.chdir(path.parent)
    path.with_name("folder.csv").mkdir()
    path.with_name("text").write_text("no library" * 100)
    named = arguments if "--library" in arguments else [*arguments, "--library", "l.db"]
    assert main(["export", *named]) == 2
    assert sentence in capsys.readouterr().err
    assert not path.with_name("out.csv").exists()


def test_no_room_leaves_the_old_file_and_nothing_else(path, monkeypatch, capsys):
    def full(_):
        raise OSError(28, "No space left on device")

    path.with_name("out.npz").write_text("mine")
    monkeypatch.setattr(outputs.os, "fsync", full)
    command = ["export", str(path.with_name("out.npz")), "--library", str(path), "--force"]
    assert main(command) == 2
    assert "out.npz cannot be written (No space left on device)" in capsys.readouterr().err
    assert path.with_name("out.npz").read_text() == "mine"
    assert not list(path.parent.glob(".songnet-*"))
