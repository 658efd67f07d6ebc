"""The files of a release, and `config.json`, which no other module writes.

A release's `config.json` has all of `ReleaseConfig`. That of a network in training has less: what
the network learned from and, once it is calibrated, the threshold of "not sure".
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from songnet.errors import WeightsError
from songnet.names import printable
from songnet.weights import fields

CONFIG_FILE = "config.json"
MODEL_FILE = "songnet.tflite"
NETWORK_FILE = "songnet.keras"
ONNX_FILE = "songnet.onnx"
INDEX = "songnet-index.npz"
# The files that a classifier needs of a model repository; some have the `INDEX`, too.
FILES = (CONFIG_FILE, MODEL_FILE)

_TEXTS = ("data_set", "training_data", "license", "teacher", "split")
_NEEDED = ("version", "genres", "abstain_below")


def sha256(data: bytes) -> str:
    """SHA-256 of a file's content, as hex."""
    return hashlib.sha256(data).hexdigest()


@dataclass(frozen=True)
class FileIdentity:
    """SHA-256 and size of a file of a release.

    Attributes
    ----------
    sha256 : str
        SHA-256 of its content, as hex.
    size : int or None [bytes]
        Its size; None where `config.json` does not state it.
    """

    sha256: str
    size: int | None = None

    @classmethod
    def from_content(cls, data: bytes) -> "FileIdentity":
        """The identity of a file with this content."""
        return cls(sha256(data), len(data))

    @classmethod
    def from_json(cls, stored: Any, name: str) -> "FileIdentity":
        """The identity that a `config.json` states of a file; a `ValueError` if it is none."""
        values = fields.entries(stored, name)
        return cls(
            fields.text(values.get("sha256"), f"the sha256 of {name}"),
            fields.optional_whole_number(values.get("bytes"), f"the size of {name}"),
        )

    def to_json(self) -> dict[str, str | int]:
        """Its attributes, for JSON."""
        size = {} if self.size is None else {"bytes": self.size}
        return {"sha256": self.sha256, **size}


@dataclass(frozen=True)
class ReleaseConfig:
    """The content of a release's `config.json`.

    Attributes
    ----------
    version : str
        The weights' version, such as ``"0.1.0"``.
    genres : tuple of str
        The genres, in the order of the network's probabilities.
    abstain_below : float, 0..1
        Confidence under which the answer is "not sure".
    files : dict of str to FileIdentity
        The release's files, by name.
    data_set, training_data, license, teacher, split : str or None
        What the network learned from, as in `train.data.data_set.DataSet`; None where the file
        does not state it.
    sample_rate : int or None [Hz]
    window_seconds : float or None [s]
    more : dict
        Entries that this version does not know.
    """

    version: str
    genres: tuple[str, ...]
    abstain_below: float
    files: Mapping[str, FileIdentity]
    data_set: str | None = None
    training_data: str | None = None
    license: str | None = None
    teacher: str | None = None
    split: str | None = None
    sample_rate: int | None = None
    window_seconds: float | None = None
    more: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def from_json(cls, stored: Any, source: str = "given") -> "ReleaseConfig":
        """Makes a config from the content of a `config.json`, and checks it.

        Parameters
        ----------
        stored : object
            As `json.loads` gives it.
        source : str
            Where it comes from, for errors.

        Raises
        ------
        WeightsError
            If it lacks something, or something has another type than it should.
        """
        try:
            values = dict(fields.entries(stored, "its content"))
            files = {
                name: FileIdentity.from_json(identity, printable(name))
                for name, identity in fields.entries(values.pop("files", None), "files").items()
            }
            if not files:
                raise ValueError("it names no files")
            if missing := [key for key in _NEEDED if key not in values]:
                raise WeightsError(f"{CONFIG_FILE} lacks {', '.join(missing)} ({source}).")
            return cls(
                version=fields.text(values.pop("version"), "version"),
                genres=fields.names(values.pop("genres"), "genres"),
                abstain_below=fields.share(values.pop("abstain_below"), "abstain_below"),
                files=files,
                **{key: fields.optional_text(values.pop(key, None), key) for key in _TEXTS},
                sample_rate=fields.optional_whole_number(
                    values.pop("sample_rate", None), "sample_rate"
                ),
                window_seconds=fields.optional_number(
                    values.pop("window_seconds", None), "window_seconds"
                ),
                more=values,
            )
        except (ValueError, RecursionError) as error:
            raise WeightsError(f"{CONFIG_FILE} is not SongNet's ({source}): {error}.") from error

    @classmethod
    def parse(cls, text: str | bytes, source: str) -> "ReleaseConfig":
        """Reads the text of a `config.json`; `source` and errors are those of `from_json`."""
        try:
            stored = json.loads(text)
        except (ValueError, RecursionError) as error:
            raise WeightsError(
                f"{CONFIG_FILE} is not SongNet's ({source}): it is no JSON ({error})."
            ) from error
        return cls.from_json(stored, source)

    @classmethod
    def read(cls, folder: str | Path, source: str | None = None) -> "ReleaseConfig":
        """Reads the `config.json` of a folder.

        Parameters
        ----------
        folder : path of a release
        source : str or None
            What to call the folder in errors; None for its path.

        Raises
        ------
        WeightsError
            If there is none, or `from_json` refuses it.
        """
        return cls.parse(read_file(folder, CONFIG_FILE), source or str(folder))

    def to_json(self) -> dict[str, Any]:
        """The content of `config.json`, in its order."""
        known = {
            "version": self.version,
            "genres": list(self.genres),
            **{key: getattr(self, key) for key in _TEXTS},
            "sample_rate": self.sample_rate,
            "window_seconds": self.window_seconds,
            "abstain_below": self.abstain_below,
            "files": {name: identity.to_json() for name, identity in self.files.items()},
        }
        return {key: value for key, value in known.items() if value is not None} | dict(self.more)

    def write(self, folder: str | Path) -> None:
        """Writes the `config.json` into a folder."""
        write_config(folder, self.to_json())

    def check(self, name: str, data: bytes, source: str) -> None:
        """Raises a `WeightsError` where a file is not the one of this name in the release.

        Parameters
        ----------
        name : str
            The file's name, which must be one of `files`.
        data : bytes
            Its content.
        source : str
            Where it comes from, for the error.
        """
        expected, found = self.files[name].sha256, sha256(data)
        if found != expected:
            raise WeightsError(
                f"{name} is damaged ({source}): its SHA-256 is {found[:12]}..., and {CONFIG_FILE} "
                f"says {expected[:12]}.... Download it again."
            )


@dataclass(frozen=True)
class Weights:
    """A network as it is shipped: the TFLite file, its `config.json` and where they come from.

    Attributes
    ----------
    tflite : bytes
        The TensorFlow Lite file.
    config : ReleaseConfig
        Its `config.json`.
    source : str
        Where the files were found and, if that is another place than was asked for, why: a text
        for people.
    index : bytes or None
        The index of tracks for `songnet.similar`; None in a release without one.
    folder : Path or None
        Where the files were read, and where figures of them may be; None if from no folder.
    """

    tflite: bytes
    config: ReleaseConfig
    source: str
    index: bytes | None = None
    folder: Path | None = None

    @property
    def sha256(self) -> str:
        """SHA-256 of the TFLite file, as hex."""
        return sha256(self.tflite)

    @property
    def network_sha256(self) -> str:
        """SHA-256 of the network whose embeddings these are, as hex: the same for all its exports.

        That of ``songnet.keras`` where `config.json` names it, else that of the TFLite file.
        """
        network = self.config.files.get(NETWORK_FILE)
        return self.sha256 if network is None else network.sha256


def read_file(folder: str | Path, name: str) -> bytes:
    """The content of a file that weights consist of; a `WeightsError` if it cannot be read."""
    path = Path(folder) / name
    try:
        return path.read_bytes()
    except OSError as error:
        raise WeightsError(
            f"{path} cannot be read: weights are a folder with {MODEL_FILE} and {CONFIG_FILE}."
        ) from error


def read_config(folder: str | Path) -> dict[str, Any]:
    """Reads the `config.json` of a release, or of a network in training, without checking it.

    Parameters
    ----------
    folder : path of the network's folder

    Returns
    -------
    dict
        Empty where there is no such file.

    Raises
    ------
    ValueError, OSError
        If the file is no JSON object, or cannot be read.
    """
    path = Path(folder) / CONFIG_FILE
    if not path.is_file():
        return {}
    stored = json.loads(path.read_text(encoding="utf-8"))
    if not isinstance(stored, dict):
        raise ValueError(f"{path} holds no JSON object")
    return stored


def write_config(folder: str | Path, content: Mapping[str, Any]) -> None:
    """Writes the `config.json` of a release, or of a network in training, into its folder."""
    text = json.dumps(dict(content), indent=2) + "\n"
    (Path(folder) / CONFIG_FILE).write_text(text, encoding="utf-8")
