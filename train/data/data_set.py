"""Description of a data set: it goes with the clips, the network and the published weights."""

import dataclasses
import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from songnet.spec import GENRES
from songnet.weights import ReleaseConfig
from train.errors import DataError
from train.teachers.known import TEACHERS
from train.teachers.teacher import Teacher
from train.teachers.vggish import Vggish

FILE = "data_set.json"


@dataclass(frozen=True)
class TaughtBy:
    """A teacher whose embeddings a data set has.

    Attributes
    ----------
    name, license, citation : str
        As in `train.teachers.teacher.Teacher`.
    version : str
        That of its weights; empty where it is not known.
    """

    name: str
    license: str
    citation: str
    version: str = ""

    @classmethod
    def from_json(cls, stored: dict[str, str]) -> "TaughtBy":
        """Takes the attributes from a JSON object; a `TypeError` if it is none of a teacher."""
        found = cls(**stored)
        if not all(isinstance(text, str) for text in dataclasses.astuple(found)):
            raise TypeError("teachers are described by texts")
        return found


@dataclass(frozen=True)
class DataSet:
    """Description of a data set.

    Attributes
    ----------
    genres : tuple of str
        Names of the genres, in the order of labels and probabilities.
    data_set : str
        Name of the data set.
    training_data : str
        Description of the training data, for networks trained on it.
    license : str
        Licence of networks trained on it: an identifier of the Hugging Face Hub, in upper or lower
        case.
    teacher : str
        The networks whose embeddings soften the labels and are learned, for people; empty where
        the clips come without.
    split : str
        Description of how the clips were split into training, validation and test.
    teachers : tuple of TaughtBy
        The same networks, with their licences.
    """

    genres: tuple[str, ...]
    data_set: str
    training_data: str
    license: str
    teacher: str
    split: str
    teachers: tuple[TaughtBy, ...] = ()

    @classmethod
    def from_json(cls, stored: dict[str, Any]) -> "DataSet":
        """Takes the attributes from a JSON object that may hold more.

        Parameters
        ----------
        stored : dict
            Attributes that it lacks are taken from `FMA_SMALL`; `teachers` only where `teacher`
            is that of `FMA_SMALL`, too.

        Returns
        -------
        DataSet

        Raises
        ------
        AttributeError, TypeError
            If it is no object, or an attribute has another type.
        """
        fields: dict[str, Any] = FMA_SMALL.to_json()
        fields |= {name: value for name, value in stored.items() if name in fields}
        if "teachers" not in stored and fields["teacher"] != FMA_SMALL.teacher:
            fields["teachers"] = []
        fields["genres"] = tuple(fields["genres"])
        fields["teachers"] = tuple(map(TaughtBy.from_json, fields["teachers"]))
        return cls(**fields)

    def to_json(self) -> dict[str, Any]:
        """The attributes as a dict for JSON; without `teachers` where there are none."""
        fields = dataclasses.asdict(self) | {"genres": list(self.genres)}
        if self.teachers:
            return fields | {"teachers": list(fields["teachers"])}
        del fields["teachers"]
        return fields

    def taught_by(self, teachers: Sequence[type[Teacher]]) -> "DataSet":
        """The same data set with the embeddings of these teachers, and of no others."""
        return dataclasses.replace(
            self,
            teacher=", and ".join(teacher.title for teacher in teachers),
            teachers=tuple(
                TaughtBy(teacher.name, teacher.license, teacher.citation, teacher.version())
                for teacher in teachers
            ),
        )

    def check_versions(self) -> None:
        """Raises a `DataError` if embeddings are those of a teacher with other weights than now."""
        for found in self.teachers:
            teacher = TEACHERS.get(found.name)
            if teacher and found.version not in ("", teacher.version()):
                raise DataError(
                    f"{self.data_set} was prepared with another version of {found.name} "
                    f"({found.version}, and this is {teacher.version()}): prepare it again, with "
                    f"--teacher {','.join(known.name for known in self.teachers)}."
                )

    def write(self, path: Path) -> None:
        """Writes the attributes to a JSON file."""
        path.write_text(json.dumps(self.to_json(), indent=2) + "\n", encoding="utf-8")


# The data set that the shipped network learned from. It is older than `data_set.json`: a folder
# without that file holds it.
FMA_SMALL = DataSet(
    genres=GENRES,
    data_set="FMA-small",
    training_data="FMA-small, official training split (arXiv 1612.01840)",
    license="CC-BY-NC-4.0",
    teacher="VGGish, which learned from YouTube-8M",
    split="FMA-small's official split: no artist is in two of its parts",
    teachers=(TaughtBy(Vggish.name, Vggish.license, Vggish.citation),),
)


def of_release(config: ReleaseConfig) -> DataSet:
    """The data set that a release's network learned from; FMA-small where none is stated.

    Raises
    ------
    DataError
        If the release describes its teachers in another form.
    """
    names = [field.name for field in dataclasses.fields(DataSet)]
    known = {name: getattr(config, name, config.more.get(name)) for name in names}
    try:
        return DataSet.from_json(
            {name: value for name, value in known.items() if value is not None}
        )
    except (TypeError, AttributeError) as error:
        raise DataError(f"config.json does not describe a data set: {error}.") from error


def read(path: str | Path) -> DataSet:
    """Reads a data set's attributes from a JSON file that may hold more.

    Parameters
    ----------
    path : path of a ``data_set.json`` in a folder of splits, or a network's ``config.json``

    Returns
    -------
    DataSet
        Attributes that the file lacks are taken from `FMA_SMALL`: all of them, if there is no such
        file. A line on standard error then says so.

    Raises
    ------
    DataError
        If the file does not describe a data set, or names the same genre twice or only one.
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
        missing = [field for field in FMA_SMALL.to_json() if field not in (*stored, "teachers")]
    except (OSError, ValueError, TypeError, AttributeError) as error:
        raise DataError(f"{path} does not describe a data set: {error}.") from error
    genres = found.genres
    if not all(map(_is_name, genres)) or len(genres) < 2 or len(set(genres)) < len(genres):
        raise DataError(f"{path} must name two or more genres, each once. Received: {genres}")
    if missing:
        _notice(f"{path} does not say {', '.join(missing)}: FMA-small is assumed there.")
    return found


@cache
def _notice(sentence: str) -> None:
    # Cached: a run that reads three splits of a folder prints it once.
    print(sentence, file=sys.stderr)


def _is_name(genre: object) -> bool:
    return isinstance(genre, str) and bool(genre.strip())
