"""What the About tab says of the weights and their figures."""

import json
from dataclasses import replace

import pytest

from songnet.errors import MetricsError
from songnet.ui.tabs import about
from songnet.weights.metrics import Figure
from tests.support import releases
from tests.support.sentences import assert_one_sentence


@pytest.fixture
def release(classifier, tmp_path, monkeypatch):
    """A `metrics.json` with figures of the weights in use."""
    monkeypatch.setattr(about, "EMBEDDED", tmp_path)
    metrics = releases.metrics()
    metrics["version"] = classifier.weights.config.version
    songnet = metrics["protocols"]["official"]["models"]["songnet"]
    figure: Figure = {"mean": 0.5123, "low": 0.4, "high": 0.6, "seeds": [0.5123]}
    songnet["accuracy"] = songnet["log_loss"] = figure
    songnet["recall"] = {"Rock": 0.7, "Pop": 0.2, "Folk": None}
    (tmp_path / "metrics.json").write_text(json.dumps(metrics))
    classifier.weights.config.write(tmp_path)
    return tmp_path / "metrics.json"


@pytest.mark.usefixtures("release")
def test_figures_come_with_their_protocol(classifier):
    text = about.figures(classifier.weights)
    assert "| Accuracy | **51.2 %** (40.0 to 60.0) |" in text
    assert "| Log loss | **0.512** (0.400 to 0.600) |" in text
    assert "800 validation clips" in text
    assert "220 artists" in text
    assert "Rock 70\u00a0%, Pop 20\u00a0%" in text


def test_genres_and_clips_are_those_of_the_weights(classifier):
    config = replace(classifier.weights.config, genres=("Fado", "Tango"), training_data="my CDs")
    text = about.capabilities(replace(classifier.weights, config=config))
    assert "how probable\n2 genres are: Fado and Tango." in text
    assert "learned from my CDs" in text


@pytest.mark.usefixtures("release")
def test_figures_of_other_weights_are_not_shown(classifier):
    other = replace(classifier.weights, config=replace(classifier.weights.config, version="9.9.9"))
    assert "51.2" not in about.figures(other)
    somebodys = replace(classifier.weights, tflite=b"TFL3")  # of the same version
    assert "51.2" not in about.figures(somebodys)


def test_without_figures_it_says_so(classifier, release):
    release.unlink()
    assert "No figures come with these weights" in about.figures(classifier.weights)


@pytest.mark.parametrize("content", ["", "{}", '{"version": 1, "protocols": []}'])
def test_what_are_no_figures_is_one_sentence(classifier, release, content):
    release.write_text(content)
    with pytest.raises(MetricsError, match=r"metrics\.json") as raised:
        about.figures(classifier.weights)
    assert_one_sentence(raised.value)
