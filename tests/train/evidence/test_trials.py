"""What was tried has evidence."""

import re

import numpy as np
import pytest

from tests.support.paths import ROOT
from train.__main__ import main
from train.errors import DataError
from train.evidence import predictions, trials


@pytest.mark.slow
def test_the_figures_of_experiments_follow_from_the_evidence():
    experiments = (ROOT / "train" / "EXPERIMENTS.md").read_text(encoding="utf-8")
    quoted = dict(
        re.findall(r"^\| `([\w.-]+)` \|.*?\| ([\d.]+ \(.*?\) \| [\d.]+) \|", experiments, re.M)
    )
    found = trials.trials(ROOT / "artifacts" / "evidence" / "trials")
    assert quoted == {name: " | ".join(trials.cells(figures)) for name, figures in found.items()}


def test_prints_a_line_a_trial(tmp_path, capsys):
    eight = np.arange(8)
    guess = predictions.Evidence(
        track_id=eight, label=eight, artist_id=eight, probabilities=np.full((8, 8), 1 / 8)
    )
    predictions.write(tmp_path / "guess.csv", guess)
    assert main(["trials", "--evidence", str(tmp_path)]) == 0
    assert capsys.readouterr().out == "| guess | 12.5 (0.0 to 37.5) | 2.079 |\n"


def test_no_trials_are_one_sentence(tmp_path):
    with pytest.raises(DataError, match="no trials"):
        trials.trials(tmp_path)
