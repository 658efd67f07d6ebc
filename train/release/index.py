"""Writes the index of tracks: the embeddings of the training clips, for "sounds like"."""

import argparse
import html
import json
from dataclasses import replace
from pathlib import Path
from typing import NotRequired, TypedDict

import keras
import numpy as np

from songnet.errors import WeightsError
from songnet.known_tracks import Track
from songnet.similar import TrackIndex
from songnet.weights.release import CONFIG_FILE, INDEX, FileIdentity, ReleaseConfig, sha256
from train.data import arrays
from train.data.splits import Split, load_split
from train.errors import DataError
from train.network.load import load_network
from train.release.offending import is_public, offends

_BATCH = 100


class IndexReport(TypedDict):
    """Figures of the index that was written.

    Attributes
    ----------
    tracks : int
    warning : str
        Why there is no index; absent where there is one.
    sha256 : str
        SHA-256 of the index, as hex.
    bytes : int
    agreement : float, 0..1
        Share of the 5 tracks nearest to a validation clip that are the same as with embeddings in
        full precision, mean over the clips.
    """

    tracks: int
    warning: NotRequired[str]
    sha256: NotRequired[str]
    bytes: NotRequired[int]
    agreement: NotRequired[float]


def index(data: str | Path, model: str | Path) -> IndexReport:
    """Embeds the training clips; writes the index next to the model and into its `config.json`.

    Clips whose artist or title is unknown are left out, since the page could show nothing of them.
    If all are, no index is written, and the page shows no similar tracks. The tracks' addresses
    are taken from `metadata.json`. Of FMA's tracks, those whose names offend are marked.

    Parameters
    ----------
    data : path of the data set
    model : path of the `songnet.keras` of a release, in the folder of its `config.json`

    Returns
    -------
    IndexReport

    Raises
    ------
    DataError
        If a file or array is missing, the validation split has no clips, or `config.json` is of
        another model.
    """
    model = Path(model)
    network = load_network(model)
    config = _config(model)
    training, validation = (load_split(data, name) for name in ("training", "validation"))
    if not len(validation):
        raise DataError("The validation split, with which the index is tried, has no clips.")
    rows, tracks = _known_tracks(Path(data), training)
    if not tracks:
        return {
            "tracks": 0,
            "warning": (
                f"No index was written, since of none of the {len(training)} training clips artist "
                "and title are both known: write them into the files' tags, and prepare them with "
                "--folder."
            ),
        }
    embeddings = _embeddings(network, training, rows)
    exact = TrackIndex(tracks, embeddings, config.files[model.name].sha256)
    content = exact.to_bytes()
    identity = FileIdentity.from_content(content)
    model.with_name(INDEX).write_bytes(content)
    replace(config, files={**config.files, INDEX: identity}).write(model.parent)
    queries = _embeddings(network, validation, np.arange(len(validation)))
    agreement = _agreement(exact, TrackIndex.from_bytes(content), queries)
    return {
        "tracks": len(tracks),
        "sha256": identity.sha256,
        "bytes": len(content),
        "agreement": agreement,
    }


def _config(model: Path) -> ReleaseConfig:
    path = model.with_name(CONFIG_FILE)
    try:
        config = ReleaseConfig.read(model.parent)
        known = config.files[model.name].sha256
    except (WeightsError, KeyError) as error:
        raise DataError(f"{path} does not name {model.name}: export the model first.") from error
    if known != sha256(model.read_bytes()):
        raise DataError(f"{path} is of another {model.name}: export the model first.")
    return config


def _known_tracks(folder: Path, split: Split) -> tuple[np.ndarray, list[Track]]:
    """The rows of the clips whose artist and title are known, and their tracks."""
    found = arrays.described(folder, split.name, ("artist", "title"))
    # The index holds one name on each line. FMA's tables have some as they stand in a web page.
    artists, titles = (
        [" ".join(html.unescape(str(text)).split()) for text in found.get(key, [""] * len(split))]
        for key in ("artist", "title")
    )
    rows = [i for i in range(len(split)) if artists[i] and titles[i] and not split.copy[i]]
    numbers, pages = split.track_id.tolist(), _pages(folder, split)
    tracks = [
        Track(
            numbers[i],
            artists[i],
            titles[i],
            split.genres[split.genre[i]],
            pages[i],
            offends(split, artists[i], titles[i]),
        )
        for i in rows
    ]
    return np.array(rows), tracks


def _pages(folder: Path, split: Split) -> list[str | None]:
    """The address of each clip, from `metadata.json`; None if the archive is to be searched."""
    try:
        text = (folder / "metadata.json").read_text(encoding="utf-8")
        known = {int(number): track["url"].strip() for number, track in json.loads(text).items()}
    except FileNotFoundError:
        known = {}
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise DataError(
            f"metadata.json in {folder} is not of `train prepare`: {error!r}."
        ) from error
    if not any(known.values()) and is_public(split):
        return [None] * len(split)
    return [known.get(number, "") for number in split.track_id.tolist()]


def _embeddings(network: keras.Model, split: Split, rows: np.ndarray) -> np.ndarray:
    # A batch at a time: the spectra may be larger than the memory.
    batches = (rows[start : start + _BATCH] for start in range(0, len(rows), _BATCH))
    outputs = [network.predict_on_batch(split.log_mel[batch]) for batch in batches]
    return np.concatenate([output["embedding"] for output in outputs])


def _agreement(exact: TrackIndex, stored: TrackIndex, queries: np.ndarray) -> float:
    """Mean share of the 5 nearest tracks that both indexes find."""
    pairs = [[one.search(query) for one in (exact, stored)] for query in queries]
    shared = [len({n.track for n in a} & {n.track for n in b}) / len(a) for a, b in pairs]
    return round(float(np.mean(shared)), 4)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of ``python -m train index``."""
    parser.add_argument("--data", required=True, metavar="DIR", help="folder of the .npz splits")
    parser.add_argument("--model", default="artifacts/songnet.keras", help="%(default)s")


def run(arguments: argparse.Namespace) -> IndexReport:
    """``python -m train index``: writes the index, and returns what ``--json`` prints."""
    return index(arguments.data, arguments.model)
