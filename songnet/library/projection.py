"""Lays songs out in two dimensions, so that those that sound alike lie next to each other.

By t-SNE, with scikit-learn: of what was compared on FMA-small it keeps neighbours best
(`train/EXPERIMENTS.md`). The package is an extra, and is imported for this alone.
"""

from types import ModuleType

import numpy as np

from songnet.errors import SettingsError

# About so many neighbours are kept together; of a small library, a third of the songs.
_PERPLEXITY = 30.0
# With fewer songs there is nothing to lay out but the directions in which they differ most.
_FEWEST = 6


def check_installed() -> None:
    """Raises a `SettingsError` that says what to install, where a map cannot be laid out."""
    _extra()


def project(embeddings: np.ndarray) -> np.ndarray:
    """Lays embeddings out in two dimensions: the same ones always in the same way.

    Parameters
    ----------
    embeddings : np.ndarray [shape=(n, D), float32, unit length]
        n > 0.

    Returns
    -------
    np.ndarray [shape=(n, 2), float32]

    Raises
    ------
    SettingsError
        If the extra is not installed.
    """
    if len(embeddings) < _FEWEST:
        centred = embeddings - embeddings.mean(axis=0)
        directions = np.linalg.svd(centred, full_matrices=False)[2][:2]
        return np.pad(centred @ directions.T, ((0, 0), (0, 2 - len(directions))))
    manifold, threadpoolctl = _extra()
    layout = manifold.TSNE(
        perplexity=min(_PERPLEXITY, (len(embeddings) - 1) / 3), init="pca", random_state=0
    )
    # On one processor: sums over several come in another order each time, small differences grow,
    # and beside other work they wait for each other most of the time.
    with threadpoolctl.threadpool_limits(1):
        return layout.fit_transform(embeddings)


def _extra() -> tuple[ModuleType, ModuleType]:
    try:
        import threadpoolctl
        from sklearn import manifold
    except ImportError as error:
        raise SettingsError(
            "The map needs a package that is not installed: pip install scikit-learn."
        ) from error
    return manifold, threadpoolctl
