"""The figures of a release: the shape of its `metrics.json`, and the function that reads it.

`python -m train report` writes the file; the page's About tab, the model card and the README show
parts of it.
"""

import json
import types
import typing
from pathlib import Path
from typing import Any, NotRequired, TypedDict, cast

from songnet.errors import MetricsError

METRICS_FILE = "metrics.json"


class Interval(TypedDict):
    """A mean with its 95 % interval, from resampling artists."""

    mean: float
    low: float
    high: float


class Figure(Interval):
    """A figure of merit; `mean` is the mean of `seeds`, one value for each training run."""

    seeds: list[float]


class Figures(TypedDict):
    """The figures of merit of one model on one split, as `train.evidence.metrics` defines them."""

    accuracy: Figure
    macro_f1: Figure
    log_loss: Figure
    ece: Figure
    sure_half_accuracy: Figure


class Answered(TypedDict):
    """`share` of the clips with another answer than "not sure", and their `accuracy`, if any.

    The intervals are [low, high], from resampling artists.
    """

    share: float
    accuracy: float | None
    share_interval: NotRequired[list[float]]
    accuracy_interval: NotRequired[list[float]]


class ModelFigures(Figures):
    """`Figures`, the recall of each genre (None for one without clips) and the answers.

    `recall_interval` is [low, high] for each genre with clips, from resampling artists.
    """

    recall: dict[str, float | None]
    recall_interval: NotRequired[dict[str, list[float]]]
    answered: Answered


class Difference(Interval):
    """A paired difference in accuracy; `p` is its two-sided bootstrap p-value."""

    p: float


class Lead(Difference):
    """SongNet's accuracy less that of the best other model, whose name is `over`."""

    over: str


class GenreClips(TypedDict):
    """How many clips a genre has in a split, of how many artists, and the most of one artist."""

    clips: int
    artists: int
    most_of_one: int


class ProtocolFigures(TypedDict):
    """The figures under one protocol; `clips` and `artists` are their numbers."""

    split: str
    description: str
    clips: int
    artists: int
    models: dict[str, ModelFigures]
    genres: NotRequired[dict[str, GenreClips]]
    lead: NotRequired[Lead]


class AnsweredSteadiness(TypedDict):
    """`Steadiness.same_genre` of the `pairs` of which the first had an answer, if any."""

    pairs: int
    same_genre: float | None


class Steadiness(TypedDict):
    """How steady the answers are over pairs of a clip and its changed copy.

    `same_genre` is the share of the pairs with the same most probable genre, `close_flips` the
    share with another one, where the first had only a small lead. `distance` (the mean) and
    `largest_distance` are total variation distances between the probabilities, 0..1.
    """

    pairs: int
    same_genre: float
    close_flips: float
    distance: float
    largest_distance: float
    answered: NotRequired[AnsweredSteadiness]


class TotalSteadiness(Steadiness):
    """`Steadiness` with the 95 % intervals [low, high] of two of its figures."""

    same_genre_interval: list[float]
    distance_interval: list[float]


class ClipsRobustness(TypedDict):
    """The robustness for changed audio files; `unclipped` leaves out those that clipped."""

    clips: int
    artists: int
    changes: dict[str, Steadiness]
    total: TotalSteadiness
    unclipped: TotalSteadiness


class SpectrogramChange(TypedDict):
    """One change of a split's spectrograms; `difference` is that in accuracy from no change."""

    accuracy: float
    difference: Difference
    same_genre: float
    distance: float


class SpectrogramsRobustness(TypedDict):
    """The robustness for changed spectrograms; `accuracy` is that of the unchanged ones."""

    clips: int
    accuracy: float
    changes: dict[str, SpectrogramChange]


class LaterStart(TypedDict):
    """How steady the answers are when excerpts of clips start a little later.

    There are `pairs` of an excerpt and the one that starts later, from clips of `artists`; of
    `answered` of the former another answer than "not sure" was given. The intervals are
    [low, high], from resampling artists.
    """

    pairs: int
    artists: int
    same_genre: float
    same_genre_interval: list[float]
    answered: int
    answered_same_genre: float | None
    answered_interval: NotRequired[list[float]]


class Robustness(TypedDict):
    """The robustness of the network whose file's SHA-256 begins with `weights`.

    `clips` is by source (``real``, ``synthesised``), `spectrograms` by split, `starts` by how much
    later.
    """

    weights: str
    clips: dict[str, ClipsRobustness]
    spectrograms: dict[str, SpectrogramsRobustness]
    starts: NotRequired[dict[str, LaterStart]]


class Spread(TypedDict):
    """Median, quartiles and smallest of several measurements."""

    median: float
    low: float
    high: float
    min: float


class FileFigures(TypedDict):
    """The figures of one file of a release, with its SHA-256 and size.

    `same_genre` and `max_dp` (the largest difference of a probability) compare with the network
    in Keras; `window_ms` is processor time for a window of 30 s.
    """

    sha256: str
    bytes: int
    accuracy: float
    same_genre: float
    max_dp: float
    window_ms: Spread


class TrainingCost(TypedDict):
    """What the training of a network took: the mean processor time of several, on one machine.

    `kwh` follows from it and an assumption.
    """

    networks: int
    processor_s: float
    machine: str
    assumed_watts_a_core: float
    kwh: float


class Metrics(TypedDict):
    """The content of `metrics.json`: figures by protocol, ``official`` among them.

    `licences` are the numbers of training clips by kind of licence, where they were counted.
    """

    version: str
    protocols: dict[str, ProtocolFigures]
    robustness: NotRequired[Robustness]
    sizes: NotRequired[dict[str, FileFigures]]
    licences: NotRequired[dict[str, int]]
    training: NotRequired[TrainingCost]


def read_metrics(folder: str | Path) -> Metrics | None:
    """Reads the `metrics.json` of a release.

    Parameters
    ----------
    folder : path of the release

    Returns
    -------
    Metrics or None
        None where there is no such file.

    Raises
    ------
    MetricsError
        If the file cannot be read or has another shape.
    """
    path = Path(folder) / METRICS_FILE
    try:
        return check_metrics(json.loads(path.read_text(encoding="utf-8")))
    except FileNotFoundError:
        return None
    except OSError as error:
        raise MetricsError(f"{path} cannot be read: {error.strerror}.") from error
    except ValueError as error:
        raise MetricsError(f"{path} is no JSON: {error}.") from error


def check_metrics(stored: object) -> Metrics:
    """Checks that a value has the shape of `Metrics`, with SongNet under the official protocol.

    Parameters
    ----------
    stored : object
        As `json.loads` gives it.

    Returns
    -------
    Metrics
        The same object.

    Raises
    ------
    MetricsError
        If a figure is missing or of another type.
    """
    _check(stored, Metrics, ())
    metrics = cast(Metrics, stored)
    protocols = metrics["protocols"]
    if "official" not in protocols:
        raise _missing(("protocols", "official"))
    if "songnet" not in protocols["official"]["models"]:
        raise _missing(("protocols", "official", "models", "songnet"))
    return metrics


def _check(value: object, expected: Any, path: tuple[str, ...]) -> None:
    """Raises a `MetricsError` if a value is not of the expected type; `path` is its place."""
    if typing.is_typeddict(expected):
        entries = _dict(value, path)
        for key, kind in typing.get_type_hints(expected).items():
            if key in entries:
                _check(entries[key], kind, (*path, key))
            elif key in expected.__required_keys__:
                raise _missing((*path, key))
    elif typing.get_origin(expected) is dict:
        _, kind = typing.get_args(expected)
        for key, entry in _dict(value, path).items():
            _check(entry, kind, (*path, key))
    elif typing.get_origin(expected) is list:
        (kind,) = typing.get_args(expected)
        if not isinstance(value, list):
            raise _wrong(path)
        for place, entry in enumerate(value):
            _check(entry, kind, (*path, str(place)))
    elif not _is_plain(value, expected):
        raise _wrong(path)


def _dict(value: object, path: tuple[str, ...]) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise _wrong(path)
    return value


def _is_plain(value: object, expected: Any) -> bool:
    """Whether a value has one of the expected plain types; a bool is no number, 1 may be 1.0."""
    kinds = set(typing.get_args(expected)) or {expected}
    if float in kinds:
        kinds.add(int)
    return type(value) in {types.NoneType if kind is None else kind for kind in kinds}


def _missing(path: tuple[str, ...]) -> MetricsError:
    return MetricsError(
        f"{METRICS_FILE} has no {'.'.join(path)}: run python -m train report again."
    )


def _wrong(path: tuple[str, ...]) -> MetricsError:
    return MetricsError(
        f"{METRICS_FILE} has something else than figures as {'.'.join(path) or 'its content'}: "
        "run python -m train report again."
    )
