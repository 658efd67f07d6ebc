"""The files of a release, and what its `config.json` says of them."""

import hashlib
from dataclasses import dataclass

MODEL_FILE = "songnet.tflite"
INDEX = "songnet-index.npz"
# What serves a song; the index of tracks may be there, too.
FILES = ("config.json", MODEL_FILE)


@dataclass(frozen=True)
class Weights:
    """A network that is ready to run, with what it says of itself.

    Attributes
    ----------
    tflite : bytes
        The TensorFlow Lite file.
    config : dict
        Its `config.json`: ``version``, ``genres``, ``abstain_below``, ``files``, ...
    source : str
        Where they were found and, where that was not where they were looked for, why.
        For people to read.
    index : bytes or None
        The index of tracks for `songnet.similar`; None in a release without one.
    """

    tflite: bytes
    config: dict
    source: str
    index: bytes | None = None

    @property
    def sha256(self) -> str:
        """Of the TensorFlow Lite file: 64 hexadecimal digits."""
        return hashlib.sha256(self.tflite).hexdigest()
