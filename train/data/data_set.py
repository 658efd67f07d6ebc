"""What a data set says of itself, from the clips on disk to the published weights."""

import dataclasses
import json
from dataclasses import dataclass
from pathlib import Path

from songnet.spec import GENRES
from songnet.weights import ReleaseConfig
from train.errors import DataError

FILE = "data_set.json"
# Beside a network: how its training went.
HISTORY_FILE = "history.json"


@dataclass(frozen=True)
class DataSet:
    """What belongs to all clips of a data set; FMA-small's by default.

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

    genres: tuple[str, ...] = GENRES
    data_set: str = "FMA-small"
    training_data: str = "FMA-small, official training split (arXiv 1612.01840)"
    license: str = "CC-BY-NC-4.0"
    teacher: str = "VGGish, which learned from YouTube-8M"
    split: str = "FMA-small's official split: no artist is in two of its parts"

    def to_json(self) -> dict:
        """Its attributes, for JSON."""
        return dataclasses.asdict(self) | {"genres": list(self.genres)}

    def write(self, path: Path) -> None:
        """Writes them to a JSON file of their own."""
        path.write_text(json.dumps(self.to_json(), indent=2) + "\n", encoding="utf-8")


def of_release(config: ReleaseConfig) -> DataSet:
    """The data set that a release's network learned from; FMA-small where it does not say."""
    names = [field.name for field in dataclasses.fields(DataSet)]
    known = {name: getattr(config, name) for name in names}
    return DataSet(**{name: value for name, value in known.items() if value is not None})


def read(path: str | Path) -> DataSet:
    """Reads a data set's attributes from a JSON file that may hold more.

    Parameters
    ----------
    path : path of a ``data_set.json`` beside splits, or of a ``config.json`` beside a network

    Returns
    -------
    DataSet
        FMA-small, where there is no such file.

    Raises
    ------
    DataError
        If the file holds something else.
    """
    path = Path(path)
    if not path.is_file():
        return DataSet()
    try:
        stored = json.loads(path.read_text(encoding="utf-8"))
        known = {f.name: stored[f.name] for f in dataclasses.fields(DataSet) if f.name in stored}
        genres = tuple(known.get("genres", GENRES))
    except (OSError, ValueError, TypeError, AttributeError) as error:
        raise DataError(f"{path} does not describe a data set: {error}.") from error
    if len(genres) < 2 or len(set(genres)) < len(genres) or not all(map(_is_name, genres)):
        raise DataError(f"{path} must name two or more genres, each once. Received: {genres}")
    return DataSet(**known | {"genres": genres})


def _is_name(genre: object) -> bool:
    return isinstance(genre, str) and bool(genre.strip())
