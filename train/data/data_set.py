"""What a data set says of itself, from the clips on disk to the published weights."""

import dataclasses
import json
import sys
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from songnet.spec import GENRES
from songnet.weights import ReleaseConfig
from train.errors import DataError

FILE = "data_set.json"


@dataclass(frozen=True)
class DataSet:
    """What belongs to all clips of a data set.

    Attributes
    ----------
    genres : tuple of str
        In the order in which labels and probabilities count them.
    data_set : str
        Its name.
    training_data : str
        What a network of it was trained on, in words.
    license : str
        Under which such a network may be given away: an identifier as the Hugging Face Hub knows
        them, in any case.
    teacher : str
        The network whose embeddings soften the labels; empty where the clips come without.
    split : str
        How its clips were dealt into training, validation and test, in words.
    """

    genres: tuple[str, ...]
    data_set: str
    training_data: str
    license: str
    teacher: str
    split: str

    @classmethod
    def from_json(cls, stored: dict[str, Any]) -> "DataSet":
        """The attributes in a JSON object that may hold more.

        Parameters
        ----------
        stored : dict
            What it lacks is taken from `FMA_SMALL`.

        Returns
        -------
        DataSet

        Raises
        ------
        AttributeError, TypeError
            If it is no such object.
        """
        fields = FMA_SMALL.to_json()
        fields |= {name: value for name, value in stored.items() if name in fields}
        fields["genres"] = tuple(fields["genres"])
        return cls(**fields)

    def to_json(self) -> dict[str, Any]:
        """Its attributes, for JSON."""
        return dataclasses.asdict(self) | {"genres": list(self.genres)}

    def write(self, path: Path) -> None:
        """Writes them to a JSON file of their own."""
        path.write_text(json.dumps(self.to_json(), indent=2) + "\n", encoding="utf-8")


# The clips that the shipped network learned from. Their features are older than `data_set.json`,
# so that a folder without one holds them.
FMA_SMALL = DataSet(
    genres=GENRES,
    data_set="FMA-small",
    training_data="FMA-small, official training split (arXiv 1612.01840)",
    license="CC-BY-NC-4.0",
    teacher="VGGish, which learned from YouTube-8M",
    split="FMA-small's official split: no artist is in two of its parts",
)


def of_release(config: ReleaseConfig) -> DataSet:
    """The data set that a release's network learned from; FMA-small where it does not say."""
    names = [field.name for field in dataclasses.fields(DataSet)]
    known = {name: getattr(config, name) for name in names}
    return DataSet.from_json({name: value for name, value in known.items() if value is not None})


def read(path: str | Path) -> DataSet:
    """Reads a data set's attributes from a JSON file that may hold more.

    Parameters
    ----------
    path : path of a ``data_set.json`` in a folder of splits, or a network's ``config.json``

    Returns
    -------
    DataSet
        What the file does not say is taken from `FMA_SMALL`: all of it, where there is no such
        file. A line on standard error then says so.

    Raises
    ------
    DataError
        If the file holds something else.
    """
    path = Path(path)
    if not path.is_file():
        _notice(
            f"{path} is missing: FMA-small is assumed, with its {len(GENRES)} genres, its licence "
            f"({FMA_SMALL.license}) and its teacher ({FMA_SMALL.teacher})."
        )
        return FMA_SMALL
    try:
        stored = json.loads(path.read_text(encoding="utf-8"))
        found = DataSet.from_json(stored)
        missing = [field for field in FMA_SMALL.to_json() if field not in stored]
    except (OSError, ValueError, TypeError, AttributeError) as error:
        raise DataError(f"{path} does not describe a data set: {error}.") from error
    genres = found.genres
    if len(genres) < 2 or len(set(genres)) < len(genres) or not all(map(_is_name, genres)):
        raise DataError(f"{path} must name two or more genres, each once. Received: {genres}")
    if missing:
        _notice(f"{path} does not say {', '.join(missing)}: FMA-small is assumed there.")
    return found


@cache
def _notice(sentence: str) -> None:
    # Cached: a run that reads three splits of a folder says it once.
    print(sentence, file=sys.stderr)


def _is_name(genre: object) -> bool:
    return isinstance(genre, str) and bool(genre.strip())
