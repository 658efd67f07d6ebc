"""Classical methods: their features, their tuning, their evidence."""

import numpy as np
import pytest

from train.data.splits import load_split
from train.errors import DataError
from train.evidence import baselines, predictions
from train.evidence.names import EvidenceName

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def measured(data_set, tmp_path_factory):
    output = tmp_path_factory.mktemp("evidence")
    training, test = (load_split(data_set, name) for name in ("training", "test"))
    return test, output, baselines.baselines(training, test, output)


def test_learn_what_is_easy(measured):
    _, _, results = measured
    assert results["random"]["accuracy"]["mean"] < 0.4
    for name in ("knn", "logistic", "svm"):
        assert results[name]["accuracy"]["mean"] > 0.9, name


def test_leave_evidence(measured):
    test, output, results = measured
    for name in results:
        file = EvidenceName(protocol="official", split="test", model=name, number=0).file
        evidence = predictions.read(output / file)
        np.testing.assert_array_equal(evidence.label, test.genre)
        np.testing.assert_allclose(evidence.probabilities.sum(axis=1), 1, atol=1e-3)


def test_statistics_do_not_see_the_order_of_frames_but_its_steps():
    log_mel = np.random.default_rng(0).random((2, 128, 128)).astype(np.float32)
    features = baselines.clip_statistics(log_mel)
    backwards = baselines.clip_statistics(log_mel[:, ::-1])
    assert features.shape == (2, 5 * 128 + 2 * 20 + 210)
    np.testing.assert_allclose(features, backwards, atol=1e-4)
    sorted_frames = baselines.clip_statistics(np.sort(log_mel, axis=1))
    np.testing.assert_allclose(sorted_frames[:, :256], features[:, :256], atol=1e-4)
    assert (sorted_frames[:, 256:384] < 0.2 * features[:, 256:384]).all()


def test_too_few_artists_are_one_sentence(data_set):
    few = load_split(data_set, "training").take(np.arange(6), "training")
    with pytest.raises(DataError, match="clips of 5 artists are needed"):
        baselines.fit_tuned("svm", baselines.clip_statistics(few.log_mel), few, seed=0)
