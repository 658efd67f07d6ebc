"""Writes the index of tracks: the embedding of each known training clip, for "sounds like"."""

import argparse
import hashlib
import json
from pathlib import Path

import keras
import numpy as np

from songnet.artifacts import INDEX
from songnet.similar import Track, TrackIndex
from train.data import DataError, Split, load_split
from train.network import load_network


def index(data: str | Path, model: str | Path) -> dict:
    """Embeds the training clips; puts the index beside the model and names it in `config.json`.

    Clips whose artist or title is not known are left out: there is nothing to show of them.

    Parameters
    ----------
    data : path of the data set, whose training split has the arrays ``artist`` and ``title``
    model : path of a release's `songnet.keras`, with its `config.json` beside it

    Returns
    -------
    dict
        ``tracks``, ``bytes``, ``sha256``, and ``agreement``: what share of the 5 tracks nearest to
        each validation clip are the same as with embeddings in full precision.

    Raises
    ------
    DataError
        If a file or array is missing, or `config.json` is of another model.
    """
    model = Path(model)
    network = load_network(model)
    config_file = model.with_name("config.json")
    config = _config(config_file, model)
    training = load_split(data, "training")
    rows, tracks = _known_tracks(Path(data) / "training.npz", training)
    embeddings = _embeddings(network, training.log_mel[rows])
    exact = TrackIndex(tracks, embeddings, config["files"][model.name]["sha256"])
    content = exact.to_bytes()
    identity = {"sha256": hashlib.sha256(content).hexdigest(), "bytes": len(content)}
    config["files"][INDEX] = identity
    model.with_name(INDEX).write_bytes(content)
    config_file.write_text(json.dumps(config, indent=2) + "\n")
    queries = _embeddings(network, load_split(data, "validation").log_mel)
    agreement = _agreement(exact, TrackIndex.from_bytes(content), queries)
    return {"tracks": len(tracks), **identity, "agreement": agreement}


def _config(path: Path, model: Path) -> dict:
    try:
        config = json.loads(path.read_text(encoding="utf-8"))
        known = config["files"][model.name]["sha256"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise DataError(f"{path} does not name {model.name}: export the model first.") from error
    if known != hashlib.sha256(model.read_bytes()).hexdigest():
        raise DataError(f"{path} is of another {model.name}: export the model first.")
    return config


def _known_tracks(path: Path, split: Split) -> tuple[np.ndarray, list[Track]]:
    """The rows of the clips whose artist and title are known, and their tracks."""
    with np.load(path, allow_pickle=False) as stored:
        missing = {"artist", "title"} - set(stored.files)
        if missing:
            raise DataError(f"{path} lacks the arrays {', '.join(sorted(missing))}.")
        # A line of the index is a name.
        artists, titles = ([" ".join(t.split()) for t in stored[k]] for k in ("artist", "title"))
    rows = [i for i in range(len(split)) if artists[i] and titles[i]]
    tracks = [
        Track(int(split.track_id[i]), artists[i], titles[i], split.genres[split.genre[i]])
        for i in rows
    ]
    return np.array(rows), tracks


def _embeddings(network: keras.Model, log_mel: np.ndarray) -> np.ndarray:
    return network.predict(log_mel, batch_size=100)["embedding"]


def _agreement(exact: TrackIndex, stored: TrackIndex, queries: np.ndarray) -> float:
    """Mean share of the 5 nearest tracks that both name."""
    pairs = [[one.search(query) for one in (exact, stored)] for query in queries]
    shared = [len({n.track for n in a} & {n.track for n in b}) / len(a) for a, b in pairs]
    return round(float(np.mean(shared)), 4)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of ``python -m train index``."""
    parser.add_argument("--data", required=True, metavar="DIR", help="folder of the .npz splits")
    parser.add_argument("--model", default="artifacts/songnet.keras", help="%(default)s")


def run(arguments: argparse.Namespace) -> dict:
    """``python -m train index``: writes the index, and returns what ``--json`` prints."""
    return index(arguments.data, arguments.model)
