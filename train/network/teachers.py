"""Soft labels: predictions of a teacher that sees more of a training clip than the network does."""

import numpy as np
from sklearn.calibration import CalibratedClassifierCV
from sklearn.model_selection import GroupKFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC


def out_of_fold_probabilities(
    features: np.ndarray,
    genre: np.ndarray,
    groups: np.ndarray,
    *,
    n_genres: int,
    folds: int = 5,
    seed: int = 0,
) -> np.ndarray:
    """Genre probabilities from an RBF support vector machine, not trained on the clip's artist.

    The clips are divided into artist-grouped folds; each fold is predicted by a machine that was
    fitted, and calibrated by Platt's sigmoid, on the others.

    Parameters
    ----------
    features : np.ndarray [shape=(n, d), float]
    genre : np.ndarray [shape=(n,), int]
    groups : np.ndarray [shape=(n,), int]
        Clips of one group (an artist) stay in one fold.
    n_genres : int
        How many genres there are; some may have no clips.
    folds : int > 1
    seed : int
        Random seed of the folds.

    Returns
    -------
    np.ndarray [shape=(n, n_genres), float32, rows sum to 1]

    Raises
    ------
    ValueError
        If there are too few groups for the folds, or clips of a genre for the calibration.
    """
    probabilities = np.zeros((len(genre), n_genres), dtype=np.float32)
    splitter = GroupKFold(folds, shuffle=True, random_state=seed)
    for fitted, held_out in splitter.split(features, genre, groups):
        calibrated = CalibratedClassifierCV(
            SVC(C=1.0),
            # scikit-learn has no annotations: the default, "auto", is taken for the type.
            ensemble=False,  # pyright: ignore[reportArgumentType]
            cv=4,
        )
        machine = make_pipeline(StandardScaler(), calibrated)
        machine.fit(features[fitted], genre[fitted])
        columns = machine.classes_
        probabilities[held_out[:, None], columns] = machine.predict_proba(features[held_out])
    return probabilities
