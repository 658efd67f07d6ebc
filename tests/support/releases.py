"""Releases to publish and to download. The networks in them are not real."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

from songnet.spec import GENRES, VERSION
from songnet.weights import EMBEDDED, ReleaseConfig
from songnet.weights.metrics import (
    METRICS_FILE,
    Figure,
    Metrics,
    ModelFigures,
    ProtocolFigures,
)
from songnet.weights.release import CONFIG_FILE, INDEX, MODEL_FILE, NETWORK_FILE, FileIdentity


def release(
    tflite: bytes = b"TFL3" * 5000, keras: bytes = b"PK" * 9000, index: bytes | None = None
) -> dict[str, bytes]:
    """The files of a release that a classifier or `train.release.publish` reads, by name."""
    files = {NETWORK_FILE: keras, MODEL_FILE: tflite}
    files |= {} if index is None else {INDEX: index}
    config = ReleaseConfig(
        version=VERSION,
        genres=GENRES,
        sample_rate=44100,
        window_seconds=30.0,
        abstain_below=0.35,
        training_data="FMA-small, official training split (arXiv 1612.01840)",
        license="CC-BY-NC-4.0",
        files={name: FileIdentity.from_content(data) for name, data in files.items()},
    )
    return files | {CONFIG_FILE: json.dumps(config.to_json(), indent=2).encode()}


def embedded_release() -> dict[str, bytes]:
    """The project's own weights, by name."""
    names = [CONFIG_FILE, NETWORK_FILE, MODEL_FILE]
    names += [INDEX] if INDEX in ReleaseConfig.read(EMBEDDED).files else []
    return {name: (EMBEDDED / name).read_bytes() for name in names}


def write_own_weights(folder: Path, **changes: Any) -> Path:
    """The project's network as weights of somebody's own, with changes of its `config.json`.

    No figures and no index come with them.
    """
    folder.mkdir(parents=True)
    config = ReleaseConfig.read(EMBEDDED)
    config = replace(config, files={MODEL_FILE: config.files[MODEL_FILE]}, **changes)
    config.write(folder)
    (folder / MODEL_FILE).write_bytes((EMBEDDED / MODEL_FILE).read_bytes())
    return folder


def metrics(official: float = 0.5432) -> Metrics:
    """A `metrics.json` as `train.release.report` computes it, with made-up figures.

    Parameters
    ----------
    official : float, 0..1
        SongNet's accuracy on the official split.
    """
    protocols = {
        "official": protocol_figures("the official split", official),
        "random": protocol_figures("a random split", 0.6543),
    }
    return {"version": VERSION, "protocols": protocols}


def protocol_figures(description: str, accuracy: float) -> ProtocolFigures:
    """Made-up figures under one protocol, where another model is a little behind SongNet."""
    return {
        "split": "validation",
        "description": description,
        "clips": 800,
        "artists": 220,
        "models": {"songnet": model_figures(accuracy), "svm": model_figures(accuracy - 0.07)},
    }


def model_figures(accuracy: float) -> ModelFigures:
    """Made-up figures of one model."""
    return {
        "accuracy": _figure(accuracy),
        "macro_f1": _figure(accuracy - 0.01),
        "log_loss": _figure(1.25),
        "ece": _figure(0.0625),
        "sure_half_accuracy": _figure(accuracy + 0.1),
        "recall": dict.fromkeys(GENRES, accuracy),
        "answered": {"share": 0.7, "accuracy": accuracy + 0.05},
    }


def _figure(mean: float) -> Figure:
    return {"mean": mean, "low": mean - 0.03, "high": mean + 0.03, "seeds": [mean, mean]}


def write_release(folder: Path, **files: bytes) -> Path:
    """Writes a whole release to a folder."""
    pictures = {
        "plots/training_history.png": b"\x89PNG",
        "evidence/official-validation-songnet-seed0.csv": b"track_id\n",
    }
    everything = release(**files) | pictures | {METRICS_FILE: json.dumps(metrics()).encode()}
    for name, data in everything.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return folder
