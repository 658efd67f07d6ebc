"""The cards: figures from `metrics.json` alone, and front matter that the Hub accepts."""

import copy
from dataclasses import replace

import numpy as np
import pytest
from huggingface_hub import ModelCard

from songnet.weights import ReleaseConfig
from tests.support.hub_cards import complaints
from tests.support.releases import metrics, protocol_figures, release
from train.data.data_set import FMA_SMALL
from train.errors import CardError, DataError
from train.evidence import before_after
from train.evidence.before_after import Pair
from train.release.card import model_card, space_card
from train.teachers.musicnn import Musicnn
from train.teachers.vggish import Vggish

CONFIG = ReleaseConfig.parse(release()["config.json"], "the tests")


@pytest.fixture
def card():
    return model_card("ada/songnet", CONFIG, metrics(), ["plots/training_history.png"])


def test_front_matter(card):
    data = ModelCard(str(card)).data
    assert data.library_name == "keras"
    assert data.pipeline_tag == "audio-classification"
    assert data.license == "cc-by-nc-4.0"
    assert data.datasets
    assert data.metrics == ["accuracy", "f1"]
    assert "music" in data.tags
    assert complaints(str(card), "model") == []


@pytest.mark.usefixtures("hub_client")
def test_the_hub_accepts_the_cards(card):
    card.validate()
    space_card("ada/songnet", "0" * 40, "gradio==6.31.0\n").validate()


def test_model_index_names_the_official_split(card):
    results = {result.metric_type: result for result in ModelCard(str(card)).data.eval_results}
    assert results.keys() == {"accuracy", "f1", "log_loss", "ece"}
    accuracy = results["accuracy"]
    assert accuracy.metric_value == 0.5432
    assert accuracy.dataset_split == "validation"
    assert "official split" in accuracy.dataset_name


def test_the_figures_of_the_test_split_lead():
    measured = metrics(0.4321)
    measured["protocols"]["official"]["split"] = "test"
    validation = protocol_figures("chose the epoch", 0.5555)
    measured["protocols"]["official-validation"] = validation
    card = model_card("ada/songnet", CONFIG, measured)
    results = card.data.eval_results
    assert {result.dataset_split for result in results} == {"test"}
    assert results[0].metric_value == 0.4321
    assert "decided which epoch" not in card.text  # of the figures quoted
    assert "| **SongNet** | 55.5 % | 43.2 % | -12.3 |" in card.text.replace("55.6", "55.5")
    assert "- **official, validation**: Chose the epoch." in card.text


def test_data_and_training_are_told_by_what_was_measured(card):
    assert "was not counted for this release" in card.text
    assert "kWh" not in card.text
    measured = metrics()
    measured["licences"] = {"CC BY-NC-SA": 1234}
    measured["training"] = {
        "networks": 4,
        "processor_s": 300.0,
        "machine": "a machine",
        "assumed_watts_a_core": 20.0,
        "kwh": 0.00167,
    }
    text = model_card("ada/songnet", CONFIG, measured).text
    assert "| CC BY-NC-SA | 1,234 |" in text
    assert "was not counted" not in text
    assert "5.0 minutes of processor time" in text
    assert "about 0.0017 kWh" in text


def test_figures_are_those_of_metrics(card):
    assert "54.3 % (51.3 to 57.3)" in card.text
    assert "800 clips of 220 artists" in card.text
    other = model_card("ada/songnet", CONFIG, metrics(official=0.1234))
    assert "12.3 % (9.3 to 15.3)" in other.text
    assert "54.3" not in other.text
    assert other.data.eval_results[0].metric_value == 0.1234


@pytest.mark.parametrize(
    "chapter",
    [
        "not for decisions about people",
        "How it was trained",
        "**official**: The official split.",
        "**random**: A random split.",
        "Western bias",
        "it answers 70 %",
        "that of the first of 2 seeds, is right for 54.3 %",
        "To whom it is unfair",
        "Its code is under",
        "Noisy labels",
        "code is under Apache-2.0",
        "weights may not be used commercially",
        "gave their music away on one site",
        "below a confidence of 0.35 it abstains",
        "weights are under CC BY-NC 4.0, because part of the clips",
        "1612.01840",
        "![Training history](plots/training_history.png)",
    ],
)
def test_says(card, chapter):
    assert chapter in card.text


@pytest.mark.parametrize(
    "path",
    [
        ["protocols"],
        ["protocols", "official"],
        ["protocols", "random", "description"],
        ["protocols", "official", "split"],
        ["protocols", "official", "models", "songnet"],
        ["protocols", "official", "models", "songnet", "ece"],
        ["protocols", "official", "models", "svm", "accuracy"],
    ],
    ids=".".join,
)
def test_missing_figure_is_an_error_and_not_made_up(path):
    lacking = copy.deepcopy(metrics())
    part = lacking
    for key in path[:-1]:
        part = part[key]
    del part[path[-1]]
    with pytest.raises(CardError, match=path[-1]):
        model_card("ada/songnet", CONFIG, lacking)


def test_robustness_is_shown_where_it_was_measured(card, tmp_path):
    assert "How steady" not in str(card)
    some = [
        Pair(
            source="real",
            clip="a.mp3",
            artist="A",
            change="mono",
            before=np.array([0.6, 0.4]),
            after=np.array([0.5, 0.5]),
            weights="c0ffee",
        )
    ]
    before_after.write(tmp_path / before_after.FILE, some, ["Folk", "Rock"])
    measured = metrics()
    robustness = before_after.robustness(tmp_path, 0.5)
    assert robustness is not None
    measured["robustness"] = robustness
    text = str(model_card("ada/songnet", CONFIG, measured))
    assert "How steady" in text
    assert "| mono | 100.0 % | 0.100 (0.100) |" in text


def test_space_pins_gradio_python_and_the_model():
    data = space_card("ada/songnet", "f" * 40, "av==1\ngradio==6.31.0\n").data
    assert (data.sdk, data.sdk_version, data.app_file) == ("gradio", "6.31.0", "app.py")
    assert data.python_version == "3.11"
    assert data.models == ["ada/songnet"]
    assert data.preload_from_hub == ["ada/songnet config.json,songnet.tflite " + "f" * 40]


def test_space_needs_one_version_of_gradio():
    with pytest.raises(CardError, match="does not pin Gradio"):
        space_card("ada/songnet", "f" * 40, "gradio>=6\n")


def test_another_data_set_is_named_and_nothing_is_said_of_the_archive():
    own = replace(
        CONFIG,
        genres=("Fado", "Tango"),
        data_set="My CDs",
        license="other",
        teacher="",
        training_data="340 of my CDs",
        split="dealt by artist",
    )
    own = replace(own, abstain_below=0.0)
    figures = metrics()
    del figures["protocols"]["random"]
    official = figures["protocols"]["official"]
    official["artists"] = official["clips"]
    official["models"]["songnet"]["accuracy"]["seeds"] = [0.5]
    card = model_card("ada/songnet", own, figures)
    assert "which of 2 genres of My CDs" in card.text
    assert "340 of my CDs" in card.text
    assert "The weights are under: other." in card.text
    assert "50.0 % of the clips" in card.text
    for word in ("Archive", "commercial", "one site", "Defferrard", "by artists that are new"):
        assert word not in card.text
    assert "it answers every song." in card.text
    assert "How the clips were dealt: dealt by artist." in card.text
    assert card.data.eval_results[0].metric_name == "Accuracy, one seed"
    assert "VGGish" not in card.text
    assert card.data.datasets is None
    assert {result.dataset_name for result in card.data.eval_results} == {
        "My CDs, official split (validation)"
    }


def test_licences_of_teachers_are_in_the_card():
    def said(config):
        return " ".join(model_card("ada/songnet", config, metrics()).text.split())

    shipped = said(CONFIG)
    assert "The teacher vggish, which is not part of these files, is under Apache-2.0" in shipped
    assert "of another network, VGGish, which learned from YouTube-8M; neither is part" in shipped
    taught = FMA_SMALL.taught_by([Musicnn, Vggish])
    more = {"teachers": taught.to_json()["teachers"]}
    both = said(replace(CONFIG, teacher=taught.teacher, more=more))
    assert "The teacher musicnn, which is not part of these files, is under ISC (Jordi P" in both
    assert "without a licence of their own) (Shawn Hershey" in both
    assert "the best of musicnn, which learned from the Million Song Dataset, and VGGish" in both
    with pytest.raises(DataError, match=r"config\.json does not describe a data set"):
        said(replace(CONFIG, more={"teachers": 1}))
