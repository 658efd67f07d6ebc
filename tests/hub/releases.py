"""Releases to publish and to download. The networks in them are not real."""

import hashlib
import json

from songnet.spec import GENRES, VERSION


def release(tflite: bytes = b"TFL3" * 5000, keras: bytes = b"PK" * 9000) -> dict[str, bytes]:
    """The files of a release that a classifier or `train.publish` reads, by name."""
    files = {"songnet.keras": keras, "songnet.tflite": tflite}
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
