"""Releases to publish and to download. The networks in them are not real."""

import hashlib
import json
from pathlib import Path

from songnet.spec import GENRES, VERSION
from songnet.weights import EMBEDDED
from songnet.weights.release import INDEX


def release(
    tflite: bytes = b"TFL3" * 5000, keras: bytes = b"PK" * 9000, index: bytes | None = None
) -> dict[str, bytes]:
    """The files of a release that a classifier or `train.publish` reads, by name."""
    files = {"songnet.keras": keras, "songnet.tflite": tflite}
    files |= {} if index is None else {INDEX: index}
    config = {
        "version": VERSION,
        "genres": list(GENRES),
        "sample_rate": 44100,
        "window_seconds": 30.0,
        "abstain_below": 0.35,
        "training_data": "FMA-small, official training split (arXiv 1612.01840)",
        "license": "CC-BY-NC-4.0",
        "files": {
            name: {"sha256": hashlib.sha256(data).hexdigest(), "bytes": len(data)}
            for name, data in files.items()
        },
    }
    return files | {"config.json": json.dumps(config, indent=2).encode()}


def embedded_release() -> dict[str, bytes]:
    """The project's own weights, by name."""
    config = json.loads((EMBEDDED / "config.json").read_text(encoding="utf-8"))
    names = ["config.json", "songnet.keras", "songnet.tflite"]
    names += [INDEX] if INDEX in config["files"] else []
    return {name: (EMBEDDED / name).read_bytes() for name in names}


def metrics(official: float = 0.5432) -> dict:
    """A `metrics.json` as `train.release.report` computes it, with made-up figures."""

    def figure(mean: float) -> dict:
        return {"mean": mean, "low": mean - 0.03, "high": mean + 0.03, "seeds": [mean, mean]}

    def model(accuracy: float) -> dict:
        others = {"macro_f1": accuracy - 0.01, "log_loss": 1.25, "ece": 0.0625}
        return {name: figure(mean) for name, mean in {"accuracy": accuracy, **others}.items()}

    def protocol(description: str, accuracy: float) -> dict:
        models = {"songnet": model(accuracy), "svm": model(accuracy - 0.07)}
        clips = {"split": "validation", "clips": 800, "artists": 220}
        return {"description": description, **clips, "models": models}

    protocols = {
        "official": protocol("the official split", official),
        "random": protocol("a random split", 0.6543),
    }
    return {"version": VERSION, "protocols": protocols}


def write_release(folder: Path, **files: bytes) -> Path:
    """Writes a whole release to a folder."""
    pictures = {"plots/training_history.png": b"\x89PNG", "evidence/official.csv": b"track_id\n"}
    everything = release(**files) | pictures | {"metrics.json": json.dumps(metrics()).encode()}
    for name, data in everything.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return folder
