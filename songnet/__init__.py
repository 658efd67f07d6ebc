"""SongNet predicts a song's genre: one of 8, how sure it is, and which moments counted most."""

from importlib import import_module
from typing import TYPE_CHECKING

from songnet.spec import GENRES, SPEC, AudioSpec

if TYPE_CHECKING:
    from songnet.classifier import Classifier
    from songnet.own_genres import OwnGenres, TaughtSong
    from songnet.prediction import Prediction

__all__ = [
    "GENRES",
    "SPEC",
    "AudioSpec",
    "Classifier",
    "OwnGenres",
    "Prediction",
    "TaughtSong",
    "__version__",
]

# The package's. Weights have a version of their own: `songnet.spec.VERSION`.
__version__ = "0.2.0"

# What is imported when it is first asked for: NumPy, FFmpeg and LiteRT take a second to load.
_LAZY = {
    "Classifier": "songnet.classifier",
    "OwnGenres": "songnet.own_genres",
    "Prediction": "songnet.prediction",
    "TaughtSong": "songnet.own_genres",
}


def __getattr__(name: str) -> object:
    if name not in _LAZY:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_LAZY[name]), name)


def __dir__() -> list[str]:
    return sorted(__all__)
