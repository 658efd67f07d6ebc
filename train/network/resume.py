"""What a training says of its data in `config.json`, and whether it may go on with these."""

import json
from pathlib import Path
from typing import Any

from songnet.weights.release import CONFIG_FILE
from train.data import data_set
from train.data.data_set import DataSet, TaughtBy
from train.data.splits import Split
from train.data.unlabelled import before_genres
from train.errors import DataError
from train.network import history as histories
from train.network.fingerprint import fingerprint
from train.network.history import Epoch

_CLIPS = "training_clips"
# By their keys in `config.json`; genres have a sentence of their own.
_SAID = {
    "data_set": "name",
    "training_data": "training data",
    "license": "licence",
    "teacher": "teacher",
    "split": "split",
    "teachers": "teachers",
    _CLIPS: "number of training clips",
}
# Which clips there are, as text that tells them from others.
_SONGS = {"training_songs": "training", "validation_songs": "validation"}


def description(training: Split, validation: Split) -> dict[str, Any]:
    """The `config.json` of a training: its data set's attributes, how many clips, and which.

    A clip is known by its number in the data set, its genre and its artist, not by its sound.
    """
    songs = {
        key: fingerprint((split.track_id, split.copy, split.genre, split.artist_id))
        for key, split in zip(_SONGS, (training, validation), strict=True)
    }
    return training.data_set.to_json() | {_CLIPS: len(training)} | songs


def begun(output: Path, training: Split, validation: Split) -> list[Epoch]:
    """The history of the training in a folder, if it may go on with these clips.

    Parameters
    ----------
    output : path of the folder
    training, validation : Split

    Returns
    -------
    list of Epoch
        Empty where none has begun.

    Raises
    ------
    DataError
        If the training there is damaged, of other genres, began with other clips without labels,
        or learned from another data set or other clips of it. What an earlier version did not note
        is not compared.
    """
    history = histories.read(output)
    if not history:
        return []
    config, now = output / CONFIG_FILE, training.data_set
    found = data_set.read(config)
    if found.genres != now.genres:
        raise DataError(
            f"The training in {output} is of the genres {', '.join(found.genres)}, and the data "
            f"set has {', '.join(now.genres)}: train without --resume, or to another --output."
        )
    before, here = (before_genres(known) or "no clips" for known in (found, now))
    if before != here:
        raise DataError(
            f"The training in {output} began with {before} without labels, and this one would "
            f"with {here}: name the same --pretrain, or train without --resume."
        )
    stored = json.loads(config.read_text(encoding="utf-8")) if config.is_file() else {}
    described = description(training, validation)
    _check_same(output, stored, described, teachers=_alike(found, now))
    return history


def _check_same(
    output: Path, stored: dict[str, Any], now: dict[str, Any], *, teachers: bool
) -> None:
    """Raises a `DataError` if a `config.json` is that of other data.

    Parameters
    ----------
    output : path of its folder
    stored : dict
        What it says.
    now : dict
        What `description` says.
    teachers : bool
        Whether both have the same teachers.
    """
    remedy = "name the same --data, train without --resume, or to another --output."
    for key, name in _SAID.items():
        same = teachers if key == "teachers" else stored.get(key) == now[key]
        if key in stored and not same:
            was, is_now = (_told(key, of) for of in (stored, now))
            raise DataError(
                f"The training in {output} is of another data set ({name}: {was}; here: {is_now}): "
                f"{remedy}"
            )
    for key, name in _SONGS.items():
        if stored.get(key, now[key]) != now[key]:
            raise DataError(
                f"The training in {output} is of other {name} clips, or of these in another order: "
                f"{remedy}"
            )


def _alike(found: DataSet, now: DataSet) -> bool:
    """Whether two data sets have the same teachers; a version that is not known may be any."""
    if len(found.teachers) != len(now.teachers):
        return False
    return all(_same(*pair) for pair in zip(found.teachers, now.teachers, strict=True))


def _same(one: TaughtBy, other: TaughtBy) -> bool:
    versions = {one.version, other.version} - {""}
    return (one.name, one.license) == (other.name, other.license) and len(versions) < 2


def _told(key: str, of: dict[str, Any]) -> str:
    """The value of a key in words."""
    value = of.get(key)
    if key != "teachers":
        return str(value) or "none"
    told = (" ".join(filter(None, map(each.get, ("name", "version")))) for each in value or ())
    return ", ".join(told) or "none"
