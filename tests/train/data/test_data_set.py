"""The description of a data set, and the notice where one is assumed."""

import json

import pytest

from train.data import data_set
from train.data.data_set import FMA_SMALL, DataSet
from train.data.splits import load_split
from train.errors import DataError


@pytest.fixture(autouse=True)
def new_run():
    """Notices are printed once a run, and all tests share one."""
    data_set._notice.cache_clear()


def test_a_file_says_it_all_and_nothing_is_assumed(tmp_path, capsys):
    own = DataSet(("Fado", "Tango"), "My CDs", "340 of my CDs", "other", "", "dealt by artist")
    own.write(tmp_path / data_set.FILE)
    assert data_set.read(tmp_path / data_set.FILE) == own
    assert capsys.readouterr().err == ""


def test_without_a_file_fma_small_is_assumed_in_one_sentence(data_set, capsys):
    splits = [load_split(data_set, name) for name in ("training", "validation", "test")]
    assert {split.data_set for split in splits} == {FMA_SMALL}
    printed = capsys.readouterr()
    assert printed.out == ""
    [line] = printed.err.splitlines()
    assert "data_set.json is missing: FMA-small is assumed" in line
    assert "CC-BY-NC-4.0" in line
    assert "VGGish" in line


def test_what_a_file_leaves_out_is_named(tmp_path, capsys):
    (tmp_path / data_set.FILE).write_text(json.dumps({"data_set": "My CDs", "more": 1}))
    found = data_set.read(tmp_path / data_set.FILE)
    assert (found.data_set, found.genres) == ("My CDs", FMA_SMALL.genres)
    assert "does not say genres, training_data, license, teacher, split" in capsys.readouterr().err


@pytest.mark.parametrize(
    "content",
    [
        *("[]", "hello", '{"genres": ["Fado"]}', '{"genres": ["Fado", ""]}', '{"genres": 1}'),
        '{"genres": ["Fado", ["Tango"]]}',
    ],
)
def test_another_file_is_one_sentence(tmp_path, content):
    (tmp_path / data_set.FILE).write_text(content)
    with pytest.raises(DataError, match=r"data_set\.json (does not describe|must name)"):
        data_set.read(tmp_path / data_set.FILE)
