"""Names of the files of evidence, which are built and parsed in this module only."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Self

_PREDICTIONS = re.compile(
    r"(?P<protocol>\w+)-(?P<split>\w+)-(?P<model>\w+)-(?:seed|fold)(?P<number>\d+)\.csv"
)
_CHANGED = re.compile(r"robustness-(?P<split>\w+)-(?P<change>.+)\.csv")


@dataclass(frozen=True)
class EvidenceName:
    """Name of the file with the predictions of one model for the clips of one split.

    Attributes
    ----------
    protocol : str
        How the split was made: one of `train.data.splits.PROTOCOLS`.
    split : str
        ``"training"``, ``"validation"`` or ``"test"``.
    model : str
        ``"songnet"`` or a baseline, in letters and digits.
    number : int
        The fold under the protocol ``folds``, the seed under any other.

    Examples
    --------
    >>> EvidenceName(protocol="official", split="validation", model="svm", number=0).file
    'official-validation-svm-seed0.csv'
    >>> EvidenceName.parse("folds-test-songnet-fold3.csv").number
    3
    """

    protocol: str
    split: str
    model: str
    number: int

    @property
    def file(self) -> str:
        """The file name."""
        run = "fold" if self.protocol == "folds" else "seed"
        return f"{self.protocol}-{self.split}-{self.model}-{run}{self.number}.csv"

    @classmethod
    def parse(cls, file: str) -> Self | None:
        """The parts of a file name; None for any other file."""
        match = _PREDICTIONS.fullmatch(file)
        if match is None:
            return None
        protocol, split, model = match["protocol"], match["split"], match["model"]
        name = cls(protocol=protocol, split=split, model=model, number=int(match["number"]))
        return name if name.file == file else None


@dataclass(frozen=True)
class ChangedEvidenceName:
    """Name of the file with SongNet's predictions for a split whose spectrograms were changed.

    Attributes
    ----------
    split : str
    change : str
        The change's name, with spaces for the underscores in the file name.

    Examples
    --------
    >>> ChangedEvidenceName(split="validation", change="low-pass 11 kHz").file
    'robustness-validation-low-pass_11_kHz.csv'
    """

    split: str
    change: str

    @property
    def file(self) -> str:
        """The file name."""
        return f"robustness-{self.split}-{self.change.replace(' ', '_')}.csv"

    @classmethod
    def parse(cls, file: str) -> Self | None:
        """The parts of a file name; None for any other file."""
        match = _CHANGED.fullmatch(file)
        if match is None:
            return None
        return cls(split=match["split"], change=match["change"].replace("_", " "))


def is_evidence(file: str) -> bool:
    """Whether a file is evidence of a network's figures: predictions for the clips of a split."""
    return bool(EvidenceName.parse(file) or ChangedEvidenceName.parse(file))


def find_evidence(folder: str | Path) -> list[tuple[EvidenceName, Path]]:
    """The files of a folder whose names are `EvidenceName`, in the order of their names."""
    named = [(EvidenceName.parse(path.name), path) for path in sorted(Path(folder).glob("*.csv"))]
    return [(name, path) for name, path in named if name is not None]


def find_changed_evidence(folder: str | Path) -> list[tuple[ChangedEvidenceName, Path]]:
    """The files of a folder whose names are `ChangedEvidenceName`, in the order of their names."""
    paths = sorted(Path(folder).glob("*.csv"))
    named = [(ChangedEvidenceName.parse(path.name), path) for path in paths]
    return [(name, path) for name, path in named if name is not None]
