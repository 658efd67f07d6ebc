"""Which projection to two dimensions keeps the songs that sound alike together, for `songnet map`.

Each method lays out the embeddings of the shipped index and those of the validation clips, which
the network has not learned from. A method whose package is not installed is passed over; those of
the candidates that no command needs are installed with
``pip install umap-learn pacmap openTSNE``.
"""

import argparse
import csv
import importlib
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.decomposition import PCA
from sklearn.manifold import TSNE, trustworthiness
from sklearn.neighbors import NearestNeighbors

from songnet.similar import TrackIndex
from songnet.weights import load_weights
from train.data.splits import load_split
from train.errors import DataError
from train.network.load import load_network

# Songs whose staying together is measured.
_NEIGHBOURS = 10
_SEED = 0
# With more songs than these no other settings are tried, nor whether the same comes out again.
_FEW = 1000
# Points by which the time for a large library is measured.
_MANY = 20_000
_COLUMNS = (
    "embeddings",
    "songs",
    "method",
    "trustworthiness",
    "continuity",
    "same_genre",
    "cpu_seconds",
    "same_again",
)
# A label whose share among the neighbours is measured in the embeddings themselves, as the limit.
_ALL_DIMENSIONS = "all dimensions"


def _pca(rows: np.ndarray) -> np.ndarray:
    return PCA(2, svd_solver="full").fit_transform(rows)


def _tsne(rows: np.ndarray, perplexity: float = 30.0) -> np.ndarray:
    # On one processor: sums over several come in another order each time.
    return TSNE(perplexity=perplexity, init="pca", random_state=_SEED, n_jobs=1).fit_transform(rows)


def _open_tsne(rows: np.ndarray) -> np.ndarray:
    package = importlib.import_module("openTSNE")
    return np.asarray(package.TSNE(perplexity=30, random_state=_SEED, n_jobs=1).fit(rows))


def _umap(rows: np.ndarray, neighbours: int = 15) -> np.ndarray:
    package = importlib.import_module("umap")
    return package.UMAP(n_neighbors=neighbours, random_state=_SEED, n_jobs=1).fit_transform(rows)


def _pacmap(rows: np.ndarray) -> np.ndarray:
    package = importlib.import_module("pacmap")
    return package.PaCMAP(random_state=_SEED).fit_transform(rows)


METHODS: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "PCA": _pca,
    "t-SNE": _tsne,
    "t-SNE by interpolation (openTSNE)": _open_tsne,
    "UMAP": _umap,
    "PaCMAP": _pacmap,
}
VARIANTS: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "t-SNE, perplexity 10": lambda rows: _tsne(rows, 10.0),
    "t-SNE, perplexity 100": lambda rows: _tsne(rows, 100.0),
    "UMAP, 50 neighbours": lambda rows: _umap(rows, 50),
}


def figures(rows: np.ndarray, places: np.ndarray, genre: np.ndarray) -> dict[str, float]:
    """How well songs that sound alike stay together in a projection.

    Parameters
    ----------
    rows : np.ndarray [shape=(n, D)]
        The embeddings.
    places : np.ndarray [shape=(n, 2)]
        Where the songs are in the projection.
    genre : np.ndarray [shape=(n,)]

    Returns
    -------
    dict of str to float, 0..1
        `trustworthiness`: whether neighbours in the projection are neighbours by sound;
        `continuity`: the other way round; `same_genre`: the share of a song's neighbours in the
        projection that have its genre, all for 10 neighbours.
    """
    return {
        "trustworthiness": float(trustworthiness(rows, places, n_neighbors=_NEIGHBOURS)),
        "continuity": float(trustworthiness(places, rows, n_neighbors=_NEIGHBOURS)),
        "same_genre": same_genre(places, genre),
    }


def same_genre(places: np.ndarray, genre: np.ndarray) -> float:
    """The share of the 10 nearest songs that have a song's genre, mean over the songs."""
    nearest = NearestNeighbors(n_neighbors=_NEIGHBOURS).fit(places).kneighbors()[1]
    return float((genre[nearest] == genre[:, None]).mean())


def measure(name: str, rows: np.ndarray, genre: np.ndarray | None) -> list[dict[str, Any]]:
    """A row of evidence for each method that is installed; without genres, its time alone."""
    found: list[dict[str, Any]] = []
    if genre is not None:
        found.append(_row(name, rows, _ALL_DIMENSIONS) | {"same_genre": same_genre(rows, genre)})
    few = len(rows) < _FEW
    for method, project in (METHODS | VARIANTS if few else METHODS).items():
        started = time.process_time()
        try:
            places = project(rows)
        except ImportError as error:
            print(f"{method} is passed over: {error}.")
            continue
        row = _row(name, rows, method) | {"cpu_seconds": time.process_time() - started}
        if genre is not None:
            row |= figures(rows, places, genre)
        if few:
            row["same_again"] = int(np.array_equal(places, project(rows)))
        print(row, flush=True)
        found.append(row)
    return found


def _row(name: str, rows: np.ndarray, method: str) -> dict[str, Any]:
    return {"embeddings": name, "songs": len(rows), "method": method}


def many(rows: np.ndarray, count: int) -> np.ndarray:
    """As many embeddings as a large library has: copies, each moved as far as a near song is."""
    rng = np.random.default_rng(_SEED)
    copies = rows[rng.integers(len(rows), size=count)]
    near = NearestNeighbors(n_neighbors=_NEIGHBOURS).fit(rows).kneighbors()[0].mean()
    moved = copies + rng.normal(size=copies.shape) * near / np.sqrt(rows.shape[1])
    return (moved / np.linalg.norm(moved, axis=1, keepdims=True)).astype(np.float32)


def table(rows: list[dict[str, Any]]) -> str:
    """The evidence as a table in Markdown."""
    lines = [f"| {' | '.join(_COLUMNS).replace('_', ' ')} |", "|---" * len(_COLUMNS) + "|"]
    lines += ["| " + " | ".join(_cell(row, key) for key in _COLUMNS) + " |" for row in rows]
    return "\n".join(lines)


def _cell(row: dict[str, Any], key: str) -> str:
    value = row.get(key, "")
    if value == "" or key in ("embeddings", "songs", "method"):
        return str(value)
    if key == "same_again":
        return "yes" if float(value) else "no"
    return f"{float(value):.1f}" if key == "cpu_seconds" else f"{float(value):.3f}"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of ``python -m train projections``."""
    parser.add_argument("--data", metavar="DIR", help="measure anew; folder of the .npz splits")
    parser.add_argument("--model", default="artifacts/songnet.keras", help="%(default)s")
    parser.add_argument(
        "--evidence", default="artifacts/evidence/projections.csv", help="%(default)s"
    )


def run(arguments: argparse.Namespace) -> dict[str, Any]:
    """``python -m train projections``: the rows of the evidence, measured anew with ``--data``."""
    path = Path(arguments.evidence)
    if arguments.data is None:
        with path.open(newline="", encoding="utf-8") as file:
            return {"rows": list(csv.DictReader(file))}
    index = TrackIndex.from_weights(load_weights())
    if index is None:
        raise DataError("These weights have no index of tracks: run python -m train index first.")
    names = sorted({track.genre for track in index.tracks})
    learned = np.array([names.index(track.genre) for track in index.tracks])
    split = load_split(arguments.data, "validation")
    network = load_network(Path(arguments.model))
    heard = network.predict(np.asarray(split.log_mel), batch_size=100)["embedding"]
    measured = (
        ("validation", heard, np.asarray(split.genre)),
        ("index", index.embeddings, learned),
        ("copies of the index", many(index.embeddings, _MANY), None),
    )
    rows: list[dict[str, Any]] = []
    for name, embeddings, genre in measured:
        rows += measure(name, embeddings, genre)
        _write(path, rows)
    return {"rows": rows}


def _write(path: Path, rows: list[dict[str, Any]]) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(_COLUMNS)
        for row in rows:
            values = (row.get(key, "") for key in _COLUMNS)
            writer.writerow(round(v, 4) if isinstance(v, float) else v for v in values)


def show(result: dict[str, Any]) -> None:
    """Prints the rows as a table."""
    print(table(result["rows"]))
