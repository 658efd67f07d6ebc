"""What all teachers have in common, and how a clip becomes one embedding."""

import hashlib
import math
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
from httpx2 import TransportError
from scipy.signal import resample_poly
from threadpoolctl import threadpool_limits

from songnet.spec import SPEC
from train.errors import DataError


class Teacher(ABC):
    """A network that hears a clip in patches, loaded and ready.

    What is known of it stands in the class, so that it need not be loaded for that. To load it is
    to make an object of the class.

    Attributes
    ----------
    name : str
        How it is asked for, and how its embeddings are named in a data set.
    title : str
        What it is, for people: ``"NAME, which learned from ..."``.
    license : str
        SPDX identifier of its weights' licence, and what else should be known of it.
    citation : str
        Where it was published.
    sample_rate : int [Hz]
    patch_samples : int
        Samples at `sample_rate` of the shortest clip that fills a patch.
    dimension : int
        Numbers in an embedding.
    weights : mapping of str to str
        SHA-256 of each of its files, as hex.
    packages : tuple of str
        What must be installed to run it.
    install : str
        The command that installs these.
    remedy : str
        What to do where its weights are missing or others.
    """

    name: ClassVar[str]
    title: ClassVar[str]
    license: ClassVar[str]
    citation: ClassVar[str]
    sample_rate: ClassVar[int]
    patch_samples: ClassVar[int]
    dimension: ClassVar[int]
    weights: ClassVar[Mapping[str, str]]
    packages: ClassVar[tuple[str, ...]]
    install: ClassVar[str]
    remedy: ClassVar[str]

    @classmethod
    def fetch(cls) -> Path:
        """The folder of its `weights`, which are fetched first where that is needed.

        Raises
        ------
        DataError
            If a package of `packages` is not installed, or the weights are not there, cannot be
            fetched, or are others.
        """
        check_installed([cls])
        folder = cls.place()
        cls._check_weights(folder)
        return folder

    @classmethod
    @abstractmethod
    def place(cls) -> Path:
        """The folder in which `fetch` expects the weights; it downloads what is not there yet.

        Raises
        ------
        DataError
            If they cannot be downloaded.
        """

    @classmethod
    def _check_weights(cls, folder: Path) -> None:
        """Raises a `DataError` if a folder lacks the weights, or has others."""
        for name, expected in cls.weights.items():
            path = folder / name
            try:
                with path.open("rb") as file:
                    found = hashlib.file_digest(file, "sha256").hexdigest()
            except OSError as error:
                raise DataError(
                    f"The weights of {cls.name} cannot be read ({path}: {error.strerror}): "
                    f"{cls.remedy}."
                ) from error
            if found != expected:
                raise DataError(
                    f"{path} is another file than the weights of {cls.name} (its SHA-256 is "
                    f"{found[:12]}..., not {expected[:12]}...): {cls.remedy}."
                )

    @abstractmethod
    def embed(self, waveform: np.ndarray) -> np.ndarray:
        """The embeddings of the patches of a clip.

        Parameters
        ----------
        waveform : np.ndarray [shape=(n,), float32, mono at sample_rate, n >= patch_samples]

        Returns
        -------
        np.ndarray [shape=(patches, dimension), float32]
        """

    @classmethod
    def version(cls) -> str:
        """A text that changes when its weights do: the beginning of a SHA-256 over theirs."""
        listed = "".join(f"{name} {cls.weights[name]}\n" for name in sorted(cls.weights))
        return hashlib.sha256(listed.encode()).hexdigest()[:16]

    def embed_clip(self, waveform: np.ndarray) -> np.ndarray:
        """The mean of the embeddings of a clip's patches.

        Parameters
        ----------
        waveform : np.ndarray [shape=(n,), float32, mono at SPEC.sample_rate]

        Returns
        -------
        np.ndarray [shape=(dimension,), float16]
            In float16 the last bits, in which processors of other makers differ, are mostly gone.

        Raises
        ------
        DataError
            If the clip is too short for a patch, or something in the embedding is no number.
        """
        waveform = resampled(waveform, self.sample_rate)
        if len(waveform) < self.patch_samples:
            raise DataError(
                f"It is too short for {self.name}, which hears "
                f"{self.patch_samples / self.sample_rate:.2g} s at once: bring a longer one, or "
                f"prepare without {self.name}."
            )
        # Sums are then in the same order, however many processes share the processors.
        with threadpool_limits(1):
            embeddings = self.embed(waveform)
        mean = embeddings.mean(axis=0, dtype=np.float64).astype(np.float16)
        if not np.isfinite(mean).all():
            raise DataError(f"What {self.name} says of it is no number.")
        return mean


def resampled(waveform: np.ndarray, rate: int) -> np.ndarray:
    """Audio at another rate, band-limited.

    Parameters
    ----------
    waveform : np.ndarray [shape=(n,), float32, mono at SPEC.sample_rate]
    rate : int [Hz]

    Returns
    -------
    np.ndarray [shape=(m,), float32]
    """
    common = math.gcd(rate, SPEC.sample_rate)
    found = resample_poly(waveform, rate // common, SPEC.sample_rate // common)
    return found.astype(np.float32)


def package(name: str) -> Any:
    """A package that is loaded, and perhaps installed, only where a teacher needs it."""
    return import_module(name)


def check_installed(teachers: Sequence[type[Teacher]]) -> None:
    """Raises a `DataError` that names all missing packages of teachers, and their commands."""
    missing = {
        teacher: lacking
        for teacher in teachers
        if (lacking := [name for name in teacher.packages if find_spec(name) is None])
    }
    if missing:
        names = ",".join(teacher.name for teacher in missing)
        packages = dict.fromkeys(name for lacking in missing.values() for name in lacking)
        commands = dict.fromkeys(teacher.install for teacher in missing)
        raise DataError(
            f"--teacher {names} needs {', '.join(packages)}, not installed here: "
            f"{' and '.join(commands)}."
        )


@contextmanager
def fetching(teacher: type[Teacher], otherwise: str) -> Iterator[None]:
    """Turns a download that fails in a ``with`` block into a `DataError`.

    Parameters
    ----------
    teacher : subclass of Teacher
    otherwise : str
        How its weights can be had otherwise.
    """
    try:
        yield
    # No connection or room, or a file that is not the published one.
    except (OSError, RuntimeError, TransportError) as error:
        why = str(error).partition("\n")[0]
        raise DataError(
            f"The weights of {teacher.name} cannot be fetched ({why}): {otherwise}."
        ) from error
