"""Which clips a step's options choose."""

import argparse

import numpy as np
import pytest

from train.__main__ import main
from train.data import splits
from train.data.splits import load_split
from train.errors import DataError


def chosen(data_set, *options):
    """The test split that a step with these options reads."""
    parser = argparse.ArgumentParser()
    splits.add_arguments(parser)
    return splits.from_arguments(parser.parse_args(["--data", str(data_set), *options]), "test")


def test_the_fold_is_an_option_of_its_own(data_set):
    second = load_split(data_set, "test", protocol="folds", fold=2)
    same = chosen(data_set, "--protocol", "folds", "--fold", "2")
    np.testing.assert_array_equal(same.track_id, second.track_id)
    seeded = chosen(data_set, "--protocol", "folds", "--fold", "2", "--seed", "3")
    np.testing.assert_array_equal(seeded.track_id, second.track_id)
    other = chosen(data_set, "--protocol", "folds", "--fold", "1", "--seed", "2")
    assert not set(other.track_id) & set(second.track_id)


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        (["--protocol", "folds"], "--protocol folds needs --fold, 0 to 4."),
        (["--fold", "0"], "--fold needs --protocol folds. Received: official"),
        (
            ["--fold", "0", "--protocol", "random"],
            "--fold needs --protocol folds. Received: random",
        ),
    ],
)
@pytest.mark.parametrize("step", ["baselines", "fit"])
def test_a_fold_without_its_protocol_is_one_sentence(
    step, options, complaint, data_set, tmp_path, capsys
):
    output = tmp_path / "out"
    assert main([step, "--data", str(data_set), "--output", str(output), *options]) == 1
    assert capsys.readouterr().err.splitlines()[-1] == f"python -m train {step}: {complaint}"
    assert not output.exists()


def test_a_fold_that_is_not_there_is_wrong_usage(data_set, capsys):
    with pytest.raises(SystemExit) as stop:
        main(["baselines", "--data", str(data_set), "--protocol", "folds", "--fold", "5"])
    assert stop.value.code == 2
    assert "invalid choice: 5" in capsys.readouterr().err


def test_there_are_three_protocols(data_set):
    with pytest.raises(DataError, match=r"random, folds\. Received: leave-one-out"):
        load_split(data_set, "test", protocol="leave-one-out")


def test_clips_taken_keep_what_is_known_of_them(data_set):
    training = load_split(data_set, "training")
    rows = np.array([3, 0])
    few = training.take(rows, "few")
    assert (few.name, len(few), few.data_set) == ("few", 2, training.data_set)
    for name in ("track_id", "genre", "artist_id", "log_mel", "copy"):
        np.testing.assert_array_equal(getattr(few, name), getattr(training, name)[rows])
    assert list(few.teachers) == ["vggish"]
    np.testing.assert_array_equal(few.teachers["vggish"], training.teachers["vggish"][rows])
