"""How a training went travels with its network, and is read back as it was written."""

import numpy as np
import pytest

from train.errors import DataError
from train.network import history
from train.network.history import Epoch, pass_history_on


def test_comes_back_as_it_was(tmp_path):
    epochs = [
        Epoch(epoch=n, loss=2 / n, val_log_loss=abs(n - 2) + 1.0, val_accuracy=0.1 * n)
        for n in (1, 2, 3)
    ]
    assert history.read(tmp_path) == []
    history.write(tmp_path, epochs)
    assert history.read(tmp_path) == epochs
    assert history.best_epoch(epochs)["epoch"] == 2


def run_of(steps, passes, *accuracies):
    return [
        Epoch(epoch=n, steps=steps, passes=passes, loss=1.0, val_log_loss=n, val_accuracy=accuracy)
        for n, accuracy in enumerate(accuracies, start=1)
    ]


def test_of_few_clips_the_last_epoch_is_kept(tmp_path):
    epochs = run_of(25, 3, 0.2, 0.7)
    history.write(tmp_path, epochs)
    assert history.best_epoch(history.read(tmp_path)) == epochs[1]
    assert history.best_epoch(run_of(200, 1, 0.2, 0.7))["epoch"] == 1


@pytest.mark.parametrize(
    ("epochs", "clips", "said"),
    [
        (run_of(25, 25, *20 * [1.0]), 8, []),
        (run_of(25, 25, *19 * [1.0]), 8, ["475 steps are too few to learn from"]),
        (
            run_of(25, 25, *40 * [0.5]),
            1,
            ["of 4 validation clips it recognises 50% (95 % interval: 15% to 85%), and one answer"],
        ),
        (run_of(200, 1, *40 * [0.3]), 100, []),
        (
            run_of(200, 1, 0.27),
            100,
            ["200 steps are too few", "It may be no better than a guess: of 400 validation clips"],
        ),
        ([Epoch(epoch=1, loss=1.0, val_log_loss=1.0, val_accuracy=0.6)], 100, []),
    ],
)
def test_what_should_be_known_of_a_training_is_said(epochs, clips, said):
    found = history.warnings(epochs, np.repeat(np.arange(4), clips))
    assert len(found) == len(said)
    for sentences, part in zip(found, said, strict=True):
        assert part in sentences


def test_a_network_that_says_the_same_of_every_clip_is_no_better_than_a_guess():
    """Of a validation split of which most is one genre, that is right more often than not."""
    genre = np.repeat([0, 1], [90, 10])
    assert "one answer for all 90%" in history.warnings(run_of(200, 1, *40 * [0.9]), genre)[0]


@pytest.mark.parametrize("content", ["[{", "{}x", '[{"epoch": 1}]', "[1]", "1"])
def test_another_file_is_one_sentence(tmp_path, content):
    (tmp_path / "history.json").write_text(content)
    with pytest.raises(DataError, match=r"history\.json is not the history of a training"):
        history.read(tmp_path)


def test_a_training_s_history_goes_along(tmp_path):
    run, evidence = tmp_path / "run", tmp_path / "release" / "evidence"
    run.mkdir()
    pass_history_on(run / "songnet.keras", evidence)
    assert not evidence.exists()
    (run / "history.json").write_text('[{"epoch": 1}]')
    pass_history_on(run / "songnet.keras", evidence)
    pass_history_on(evidence / "songnet.keras", evidence)
    assert (evidence / "history.json").read_text() == '[{"epoch": 1}]'
