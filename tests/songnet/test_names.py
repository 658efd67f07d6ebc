"""File names are shown as they are; only what is no text or would do harm is replaced."""

import csv
import json

import pytest

from songnet.__main__ import main
from songnet.names import printable, shown_name


@pytest.mark.parametrize(
    "name",
    [
        "さくら\u3000独唱.mp3",  # ideographic space
        "Ah\u00a0!\u202fÇa ira.mp3",  # no-break spaces
        "می\u200cخواهم.mp3",  # zero-width non-joiner
        "👩\u200d👩\u200d👧 family.mp3",  # zero-width joiner
        "soft\u00adhyphen.mp3",
        "new emoji \U0001faea \U0001fae9.mp3",  # newer than this Python's Unicode
        "flag \U0001f3f4\U000e0067\U000e0062\U000e007f.mp3",  # tag characters
        "e\u0301\u2060\ufeff.mp3",  # combining accent, word joiner, byte order mark
        "\u200fעברית\u200e.mp3",  # marks of the direction, which turn nothing
        "private \ue000.mp3",
    ],
)
def test_what_is_text_stays(name):
    assert printable(name) == name
    assert shown_name(f"/music/{name}") == name


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("caf\udce9.mp3", "caf�.mp3"),  # Latin-1 in the file system
        ("half \ud83d.mp3", "half �.mp3"),  # no file system's
        ("one\ntwo\ttab\x1b[31m\x7f.mp3", "one�two�tab�[31m�.mp3"),
        ("next\x85line\u2028and\u2029paragraph.mp3", "next�line�and�paragraph.mp3"),
        ("song\u202e3pm.exe", "song�3pm.exe"),  # override
        ("a\u2066b\u2069c\u202ad\u202c", "a�b�c�d�"),
    ],
)
def test_what_is_no_text_is_replaced(name, shown):
    assert printable(name) == shown


@pytest.mark.parametrize("name", ["さくら\u3000独唱.wav", "👩\u200d🎤 a\u00adb.wav"])
def test_on_the_command_line(song, tmp_path, capsys, name):
    path = song("tune.wav").rename(tmp_path / name)
    assert main([str(path), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["file"] == name
    table = tmp_path / "table.csv"
    assert main([str(path), "--csv", str(table)]) == 0
    with open(table, newline="", encoding="utf-8-sig") as file:
        assert next(csv.DictReader(file))["file"] == name
