"""Licences of training clips, counted by kind in a small table of FMA's form."""

import json

import pytest

from tests.support import fma_tree
from train.__main__ import main
from train.data import licences
from train.errors import DataError


@pytest.mark.parametrize(
    ("title", "kind"),
    [
        ("Attribution", "CC BY"),
        ("Creative Commons Attribution 4.0", "CC BY"),
        ("Attribution-NonCommercial-NoDerivatives (aka Music Sharing) 3.0", "CC BY-NC-ND"),
        ("Attribution-Noncommercial-No Derivative Works 3.0 United States", "CC BY-NC-ND"),
        ("Attribution-NonCommercial-ShareAlike 4.0 International", "CC BY-NC-SA"),
        ("Attribution-Share Alike 3.0", "CC BY-SA"),
        ("Attribution-NoDerivs 2.5", "CC BY-ND"),
        ("CC0 1.0 Universal", "CC0"),
        ("Public Domain Mark 1.0", "public domain"),
        ("Noncommercial Sampling Plus 1.0", "other"),
        ("FMA-Limited: Download Only", "other"),
        ("", "not stated"),
    ],
)
def test_kinds(title, kind):
    assert licences.kind(title) == kind


def test_training_clips_are_counted(tmp_path, capsys):
    titles = {
        2: "Attribution-ShareAlike 3.0",
        3: "Attribution",
        4: "Attribution 4.0",
        5: "",
        98565: "Attribution",  # broken: no network learned from it
    }
    rows = [
        fma_tree.row(number, "Rock", "training", 1, "A", **{"track/license": title})
        for number, title in titles.items()
    ]
    rows.append(fma_tree.row(9, "Rock", "test", 2, "B"))
    fma_tree.write_tables(tmp_path / "fma_metadata", rows)
    output = tmp_path / "evidence" / licences.FILE
    command = ["licences", "--fma", str(tmp_path), "--output", str(output), "--json"]
    assert main(command) == 0
    expected = {"CC BY": 2, "CC BY-SA": 1, "not stated": 1}
    assert json.loads(capsys.readouterr().out)["licences"] == expected
    assert licences.read(output.parent, "FMA-small") == expected
    assert licences.read(output.parent, "My CDs") == licences.read(tmp_path, "FMA-small") == {}


@pytest.mark.parametrize("content", ["no JSON", "[]", '{"licences": {"CC BY": "many"}}'])
def test_what_is_no_count_is_one_sentence(tmp_path, content):
    (tmp_path / licences.FILE).write_text(content)
    with pytest.raises(DataError, match="is no count of licences"):
        licences.read(tmp_path, "FMA-small")


def test_without_tables_it_says_where_they_should_be(tmp_path, capsys):
    command = ["licences", "--fma", str(tmp_path), "--output", str(tmp_path / "out.json")]
    assert main(command) == 1
    assert "fma_metadata" in capsys.readouterr().err
