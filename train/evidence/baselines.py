"""Measures classical methods on the same clips, for comparison with SongNet."""

import argparse
import warnings
from pathlib import Path

import numpy as np
from scipy.fft import dct
from sklearn.base import ClassifierMixin
from sklearn.calibration import CalibratedClassifierCV
from sklearn.dummy import DummyClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, GroupKFold
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC
from tqdm import tqdm

from train.data import splits
from train.data.splits import Split
from train.errors import DataError
from train.evidence import looks, metrics, predictions
from train.evidence.names import EvidenceName

_CEPSTRA = 20
_FOLDS = 5  # of the cross-validation that chooses the settings

# A method and the grid of settings that it is tuned over.
_METHODS: dict[str, tuple[ClassifierMixin, dict[str, list]]] = {
    "random": (DummyClassifier(strategy="uniform"), {}),
    "knn": (KNeighborsClassifier(weights="distance"), {"n_neighbors": [10, 20, 40]}),
    "logistic": (LogisticRegression(max_iter=2000), {"C": [0.001, 0.003, 0.01]}),
    "svm": (SVC(), {"C": [1.0, 3.0, 10.0], "gamma": ["scale"]}),
}


# The method for the embeddings of a teacher network: a reference, which hears more than the others.
_ON_EMBEDDINGS = {"vggish": "svm"}


def clip_statistics(log_mel: np.ndarray) -> np.ndarray:
    """Features of clips for classical methods: statistics of bands and cepstra over time.

    Parameters
    ----------
    log_mel : np.ndarray [shape=(n, n_frames, n_mels), float32, 0..1]

    Returns
    -------
    np.ndarray [shape=(n, 5 * n_mels + 2 * 20 + 210), float32]
        For every band: mean, standard deviation, mean absolute difference from frame to frame,
        10th and 90th percentile. For the first 20 cepstral coefficients (DCT-II of a frame): mean,
        standard deviation and covariances.
    """
    cepstra = np.asarray(dct(log_mel, axis=2, norm="ortho"))[:, :, :_CEPSTRA]
    centred = cepstra - cepstra.mean(axis=1, keepdims=True)
    covariance = np.einsum("nti,ntj->nij", centred, centred) / log_mel.shape[1]
    upper = np.triu_indices(_CEPSTRA)
    parts = [
        log_mel.mean(axis=1),
        log_mel.std(axis=1),
        np.abs(np.diff(log_mel, axis=1)).mean(axis=1),
        *np.percentile(log_mel, [10, 90], axis=1),
        cepstra.mean(axis=1),
        cepstra.std(axis=1),
        covariance[:, *upper],
    ]
    return np.concatenate(parts, axis=1).astype(np.float32)


def fit_tuned(
    name: str, features: np.ndarray, training: Split, seed: int
) -> Pipeline | CalibratedClassifierCV:
    """Fits a baseline, with settings chosen by artist-grouped cross-validation.

    Parameters
    ----------
    name : {"random", "knn", "logistic", "svm", "vggish"}
        The last is an SVM, too: for a teacher's embeddings.
    features : np.ndarray [shape=(n, d), float]
    training : Split of n clips
    seed : int

    Returns
    -------
    Pipeline or CalibratedClassifierCV
        Fitted on all clips; it has `predict_proba`.

    Raises
    ------
    DataError
        If there are too few clips or artists to tune it on.
    """
    method, grid = _METHODS[_ON_EMBEDDINGS.get(name, name)]
    folds = GroupKFold(_FOLDS, shuffle=True, random_state=seed)
    groups = training.artist_groups
    if len(np.unique(groups)) < _FOLDS:
        raise DataError(f"Baselines are tuned by artist: clips of {_FOLDS} artists are needed.")
    parts = list(folds.split(features, training.genre, groups))
    step = type(method).__name__.lower()
    search = GridSearchCV(
        make_pipeline(StandardScaler(), method),
        {f"{step}__{setting}": values for setting, values in grid.items()},
        cv=parts,
    )
    try:
        with warnings.catch_warnings():
            # A small set rules out some settings, such as more neighbours than clips.
            warnings.filterwarnings("ignore", "Scoring failed|One or more of the test scores")
            search.fit(features, training.genre)
        best = search.best_estimator_
        if not hasattr(best, "predict_proba"):
            # scikit-learn has no annotations: the default, "auto", is taken for the type.
            best = CalibratedClassifierCV(
                best,
                ensemble=False,  # pyright: ignore[reportArgumentType]
                cv=parts,
            )
            best.fit(features, training.genre)
    except ValueError as error:
        raise DataError(f"{name} cannot be tuned on {len(training)} clips: {error}") from error
    return best


def baselines(
    training: Split,
    measured: Split,
    output: str | Path,
    *,
    protocol: str = "official",
    seed: int = 0,
    fold: int | None = None,
) -> dict[str, dict]:
    """Tunes, fits and measures every baseline, and writes the evidence.

    Where both splits have the embeddings of VGGish, an SVM on them is measured, too.

    Parameters
    ----------
    training, measured : Split
    output : path of a folder
        A file for each baseline is written there, named by `EvidenceName`.
    protocol : str
        How the splits were made; used in the file names only.
    seed : int
        Random seed of the cross-validation.
    fold : int or None
        Which fold the splits are of; used in the file names only.

    Returns
    -------
    dict of str to dict
        By baseline: figures as from `metrics.figures_with_intervals`.
    """
    statistics = [clip_statistics(np.asarray(s.log_mel)) for s in (training, measured)]
    features = dict.fromkeys(_METHODS, statistics)
    if all("vggish" in split.teachers for split in (training, measured)):
        features["vggish"] = [training.teachers["vggish"], measured.teachers["vggish"]]
    groups, results = measured.artist_groups, {}
    number = seed if fold is None else fold
    for name, (fitted, held_out) in tqdm(features.items(), unit="method"):
        probabilities = fit_tuned(name, fitted, training, seed).predict_proba(held_out)
        evidence = predictions.Evidence(
            track_id=measured.track_id,
            label=measured.genre,
            artist_id=groups,
            probabilities=probabilities,
            genres=measured.genres,
        )
        file = EvidenceName(protocol=protocol, split=measured.name, model=name, number=number).file
        predictions.write(Path(output) / file, evidence)
        results[name] = metrics.figures_with_intervals(measured.genre, probabilities, groups)
    return results


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of ``python -m train baselines``."""
    splits.add_arguments(parser)
    parser.add_argument("--split", default="validation", help="%(default)s")
    parser.add_argument("--output", default="artifacts/evidence", metavar="DIR", help="%(default)s")


def run(arguments: argparse.Namespace) -> dict[str, dict]:
    """``python -m train baselines``: measures, and returns what ``--json`` prints."""
    looks.remind(arguments.protocol, arguments.split)
    return baselines(
        splits.from_arguments(arguments, "training"),
        splits.from_arguments(arguments, arguments.split),
        arguments.output,
        protocol=arguments.protocol,
        seed=arguments.seed,
        fold=arguments.fold,
    )
