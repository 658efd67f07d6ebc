"""Names of evidence: what is built is parsed again, and nothing else is."""

import pytest

from tests.support.paths import ROOT
from train.evidence.names import (
    ChangedEvidenceName,
    EvidenceName,
    find_changed_evidence,
    find_evidence,
)


@pytest.mark.parametrize(
    ("name", "file"),
    [
        (
            EvidenceName(protocol="official", split="validation", model="svm", number=0),
            "official-validation-svm-seed0.csv",
        ),
        (
            EvidenceName(protocol="folds", split="test", model="songnet", number=4),
            "folds-test-songnet-fold4.csv",
        ),
        (
            ChangedEvidenceName(split="validation", change="low-pass 11 kHz"),
            "robustness-validation-low-pass_11_kHz.csv",
        ),
    ],
)
def test_a_name_is_built_and_parsed(name, file):
    assert name.file == file
    assert type(name).parse(file) == name


@pytest.mark.parametrize(
    "file",
    [
        "pretraining.csv",
        "pretraining-networks.csv",
        "robustness.csv",
        "starts.csv",
        "robustness-validation-unchanged.csv",
        "official-validation-svm.csv",
        "official-validation-svm-seed0.json",
        "official-validation-svm-fold0.csv",
        "folds-test-songnet-seed0.csv",
        "official-validation-svm-seed00.csv",
    ],
)
def test_other_names_are_no_predictions(file):
    assert EvidenceName.parse(file) is None


def test_shipped_evidence_is_found():
    """Every file of the folder has one of the two kinds of names, or holds other figures."""
    folder = ROOT / "artifacts" / "evidence"
    found = {path for _, path in [*find_evidence(folder), *find_changed_evidence(folder)]}
    others = (
        "pretraining.csv",
        "pretraining-networks.csv",
        "robustness.csv",
        "starts.csv",
        "own-genres.csv",
        "own-genres-thresholds.csv",
        "own-genres-strangers.csv",
        "projections.csv",
        "sections.csv",
    )
    assert set(folder.glob("*.csv")) - found == {folder / name for name in others}
