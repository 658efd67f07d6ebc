"""What the About tab says of the weights and their figures."""

import json
from dataclasses import replace

import pytest

from songnet.errors import MetricsError
from songnet.ui.tabs import about
from songnet.weights import load_weights
from songnet.weights.metrics import Figure
from tests.support import releases
from tests.support.sentences import assert_one_sentence

SIZE = {
    "bytes": 1,
    "accuracy": 0.5,
    "same_genre": 1.0,
    "max_dp": 0.0,
    "window_ms": {"median": 1.0, "low": 1.0, "high": 1.0, "min": 1.0},
}


@pytest.fixture
def release(classifier, tmp_path, monkeypatch):
    """A `metrics.json` with figures of the weights in use, in this installation."""
    monkeypatch.setattr(classifier, "weights", replace(classifier.weights, folder=None))
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
    # What to expect comes first, and the other protocols last.
    expected, table, other = (
        text.index(part) for part in ("it answers 70 %", "| Accuracy |", "a random split")
    )
    assert expected < table < other
    assert "**65.4 %** (62.4 to 68.4): a random split" in text
    assert "weak on Pop (20 %)" in text


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


@pytest.mark.usefixtures("release")
def test_figures_of_own_weights_are_those_beside_them(tmp_path):
    folder = releases.write_own_weights(tmp_path / "own", version="7.7.7")
    own = replace(load_weights(folder), tflite=b"TFL3")
    assert "51.2" not in about.figures(own)
    metrics = releases.metrics(0.6789) | {"version": "7.7.7"}
    (folder / "metrics.json").write_text(json.dumps(metrics))
    assert "| Accuracy | **67.9 %**" in about.figures(load_weights(folder))
    assert "67.9" not in about.figures(own)  # the file has changed since it was measured


def test_weights_that_were_exported_over_the_measured_ones_have_no_figures(classifier, release):
    """The figures say of which file they are; `config.json` is that of the other weights."""
    metrics = json.loads(release.read_text())
    metrics["sizes"] = {"songnet.tflite": {"sha256": "0" * 64} | SIZE}
    release.write_text(json.dumps(metrics))
    assert "No figures come with these weights" in about.figures(classifier.weights)


@pytest.mark.parametrize(
    ("license_", "said"),
    [("CC-BY-NC-4.0", "Licence: CC-BY-NC-4.0"), (None, "Licence: their config.json states none")],
)
def test_the_licence_is_that_of_the_weights(classifier, license_, said):
    config = replace(classifier.weights.config, license=license_)
    assert said in about.weights_in_use(replace(classifier.weights, config=config))


def test_without_figures_it_says_so(classifier, release):
    release.unlink()
    assert "No figures come with these weights" in about.figures(classifier.weights)


@pytest.mark.parametrize("content", ["", "{}", '{"version": 1, "protocols": []}'])
def test_what_are_no_figures_is_one_sentence(classifier, release, content):
    release.write_text(content)
    with pytest.raises(MetricsError, match=r"metrics\.json") as raised:
        about.figures(classifier.weights)
    assert_one_sentence(raised.value)
