"""The READMEs of the published model and Spaces, with every figure from `metrics.json`."""

import dataclasses
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from huggingface_hub import EvalResult, ModelCard, ModelCardData, SpaceCard, SpaceCardData

from songnet.errors import MetricsError
from songnet.spec import SPEC
from songnet.weights import ReleaseConfig, expectations
from songnet.weights.metrics import Metrics, check_metrics
from songnet.weights.release import FILES, INDEX, MODEL_FILE, NETWORK_FILE, ONNX_FILE
from train import markdown
from train.data import data_set
from train.errors import CardError
from train.evidence.tables import (
    figures_table,
    genres_table,
    harder_table,
    robustness_tables,
    shipped_sentence,
    starts_table,
)

# Repositories on the Hub with copies of data sets, by which a card names them.
_ON_THE_HUB = {"FMA-small": "benjamin-paine/free-music-archive-small"}

_HERE = Path(__file__).parent
# What both Spaces have in common.
_LOOKS: dict[str, Any] = {
    "title": "SongNet",
    "emoji": "🎵",
    "colorFrom": "indigo",
    "colorTo": "blue",
    "license": "apache-2.0",
    "tags": ["music", "audio-classification", "music-genre-classification", "litert", "onnx"],
}
_FILES = {
    MODEL_FILE: "waveform in, probabilities out, for LiteRT",
    ONNX_FILE: "the same in float32, for ONNX Runtime and what else reads ONNX",
    NETWORK_FILE: "log-mel in, probabilities out, for Keras 3",
    INDEX: "the training tracks' embeddings, artists and titles, for “sounds like”",
}


def model_card(
    repository: str, config: ReleaseConfig, metrics: Metrics, plots: Iterable[str] = ()
) -> ModelCard:
    """Writes the model's README.

    Parameters
    ----------
    repository : str
        ``"OWNER/NAME"``
    config : ReleaseConfig
        A release's `config.json`.
    metrics : Metrics
        Its `metrics.json`.
    plots : iterable of str
        Paths of the release's pictures in the repository.

    Returns
    -------
    huggingface_hub.ModelCard

    Raises
    ------
    CardError
        If a figure is not in `metrics`.
    """
    try:
        metrics = check_metrics(metrics)
    except MetricsError as error:
        raise CardError(str(error)) from error
    known = data_set.of_release(config)
    data = ModelCardData(
        library_name="keras",
        pipeline_tag="audio-classification",
        license=known.license.lower(),
        datasets=[_ON_THE_HUB[known.data_set]] if known.data_set in _ON_THE_HUB else None,
        metrics=["accuracy", "f1"],
        tags=["audio", "music", "music-genre-classification", "litert", "tflite", "keras"],
        model_name="SongNet",
        eval_results=_eval_results(metrics, known.data_set),
    )
    return ModelCard.from_template(
        data,
        template_path=str(_HERE / "model_card.md"),
        repository=repository,
        version=config.version,
        genres=", ".join(config.genres[:-1]) + " and " + config.genres[-1],
        files=_files_table(config),
        training_data=known.training_data,
        license=known.license,
        non_commercial="nc" in known.license.lower().split("-"),
        data_set=known.data_set,
        teacher=known.teacher,
        teachers=[dataclasses.asdict(teacher) for teacher in known.teachers],
        vggish=data_set.FMA_SMALL.teacher,
        small=known.data_set in _ON_THE_HUB,
        archive=known.data_set.startswith("FMA-"),
        dealt=known.split,
        abstain_below=config.abstain_below,
        sample_rate=SPEC.sample_rate,
        window_samples=SPEC.window_samples,
        window_seconds=round(SPEC.window_seconds),
        n_frames=SPEC.n_frames,
        n_mels=SPEC.n_mels,
        n_genres=len(known.genres),
        chance=f"{100 / len(known.genres):.1f} %",
        **_results(metrics),
        plots=[{"path": path, "title": _title(path)} for path in plots],
    )


def _eval_results(metrics: Metrics, data_set: str) -> list[EvalResult]:
    """SongNet's figures on the official split, as the Hub's leaderboards read them."""
    official = metrics["protocols"]["official"]
    songnet = official["models"]["songnet"]
    shown = [
        ("Accuracy", "accuracy", songnet["accuracy"]),
        ("Macro-F1", "f1", songnet["macro_f1"]),
        ("Log loss", "log_loss", songnet["log_loss"]),
        ("Expected calibration error", "ece", songnet["ece"]),
    ]
    return [
        EvalResult(
            task_type="audio-classification",
            task_name="Music genre classification",
            dataset_type=_ON_THE_HUB.get(data_set, data_set),
            dataset_name=f"{data_set}, official split ({official['split']})",
            dataset_split=official["split"],
            metric_type=hub_name,
            metric_name=title + _seeds(len(figure["seeds"])),
            metric_value=round(figure["mean"], 4),
        )
        for title, hub_name, figure in shown
    ]


def _seeds(count: int) -> str:
    return f", mean of {count} seeds" if count > 1 else ", one seed"


def _results(metrics: Metrics) -> dict[str, Any]:
    """Values of the template for the chapters on results and data: tables, sentences, figures."""
    descriptions = {
        name: protocol["description"] for name, protocol in metrics["protocols"].items()
    }
    return {
        "protocols": [
            {"name": name.replace("-", ", "), "description": text[0].upper() + text[1:]}
            for name, text in descriptions.items()
        ],
        "split": metrics["protocols"]["official"]["split"],
        "table": figures_table(metrics),
        "expected": " ".join(expectations.sentences(metrics["protocols"]["official"])),
        "shipped": shipped_sentence(metrics),
        "by_genre": genres_table(metrics),
        "harder": harder_table(metrics),
        "robustness": robustness_tables(metrics["robustness"]) if "robustness" in metrics else "",
        "starts": starts_table(metrics["robustness"]) if "robustness" in metrics else "",
        "licences": _licences_table(metrics.get("licences", {})),
        "training": metrics.get("training"),
    }


def _licences_table(licences: dict[str, int]) -> str:
    if not licences:
        return ""
    rows = [[kind, f"{clips:,}"] for kind, clips in licences.items()]
    return markdown.table(("Licence", "Training clips"), rows)


def _files_table(config: ReleaseConfig) -> str:
    rows = [
        [
            f"`{name}`",
            f"{(identity.size or 0) / 1000:,.0f} kB",
            _FILES.get(name, "the same network in another precision"),
        ]
        for name, identity in config.files.items()
    ]
    return markdown.table(("file", "size", "what"), rows)


def _title(path: str) -> str:
    return Path(path).stem.replace("_", " ").replace("-", " ").capitalize()


def space_card(
    model: str, revision: str, requirements: str, preload: Iterable[str] = FILES
) -> SpaceCard:
    """Writes the Space's README.

    Parameters
    ----------
    model : str
        ``"OWNER/NAME"`` of the model that it serves.
    revision : str
        The model's commit.
    requirements : str
        The text of the Space's `requirements.txt`: it pins Gradio.
    preload : iterable of str
        The model's files that the Space is built with.

    Returns
    -------
    huggingface_hub.SpaceCard

    Raises
    ------
    CardError
        If Gradio is not pinned to one version.
    """
    gradio = re.search(r"^gradio(?:\[[^]]*\])?==(\S+)", requirements, re.MULTILINE)
    if gradio is None:
        raise CardError("requirements.txt does not pin Gradio: write gradio==VERSION into it.")
    data = SpaceCardData(
        **_LOOKS,
        sdk="gradio",
        sdk_version=gradio[1],
        python_version="3.11",
        app_file="app.py",
        models=[model],
        preload_from_hub=[f"{model} {','.join(preload)} {revision}"],
        short_description="Which genre a song is, how sure, and why",
    )
    return SpaceCard.from_template(
        data, template_path=str(_HERE / "space_card.md"), model=model, revision=revision
    )


def browser_card(model: str, revision: str) -> SpaceCard:
    """Writes the README of the static Space, whose page runs in the visitor's browser.

    Parameters
    ----------
    model : str
        ``"OWNER/NAME"`` of the model that is built into it.
    revision : str
        The model's commit.

    Returns
    -------
    huggingface_hub.SpaceCard
    """
    data = SpaceCardData(
        **_LOOKS,
        sdk="static",
        app_file="index.html",
        models=[model],
        short_description="A song's genre, heard in your browser",
    )
    return SpaceCard.from_template(
        data, template_path=str(_HERE / "browser_card.md"), model=model, revision=revision
    )
