"""How a training went travels with its network, and is read back as it was written."""

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
