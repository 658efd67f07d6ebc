"""Measures how steady answers are under changes of gain, rate, encoder, bandwidth, noise, start."""

import argparse
import tempfile
from collections.abc import Iterator
from pathlib import Path

import keras
import numpy as np
from tqdm import tqdm

from songnet.audio import SUFFIXES
from songnet.classifier import Classifier
from songnet.weights.metrics import Robustness
from songnet.weights.release import NETWORK_FILE
from train.data import splits
from train.data.levels import relative_to_loudest
from train.data.splits import Split
from train.errors import DataError
from train.evidence import before_after, changes, evaluate, predictions, starts
from train.evidence.before_after import Pair, pair_of
from train.evidence.names import ChangedEvidenceName
from train.evidence.sketches import write_sketches
from train.evidence.tables import robustness_tables
from train.network import augment

# The targets: least share of pairs with the same genre, largest mean distance.
SAME_GENRE, DISTANCE = 0.95, 0.10
_SEED = 0


def compare(classifier: Classifier, paths: list[Path], source: str) -> Iterator[list[Pair]]:
    """Changes clips in every way of `changes.CHANGES` and classifies them before and after.

    Parameters
    ----------
    classifier : Classifier
    paths : list of path
        Audio files.
    source : {"real", "synthesised"}

    Yields
    ------
    list of Pair
        The pairs of one clip, one for each change.

    Raises
    ------
    DataError
        If a file cannot be decoded.
    AudioError
        If a file cannot be classified.
    """
    with tempfile.TemporaryDirectory() as folder:
        for path in paths:
            clip, before = changes.read(path), classifier.classify(path)
            artist = before.tags.artist or path.name
            after = (
                classifier.classify(change.write(clip, Path(folder) / "changed"))
                for change in changes.CHANGES
            )
            yield [
                pair_of(
                    before,
                    prediction,
                    source=source,
                    clip=path.name,
                    artist=artist,
                    change=change.name,
                )
                for change, prediction in zip(changes.CHANGES, after, strict=True)
            ]


def changed_spectrograms(log_mel: np.ndarray) -> Iterator[tuple[str, np.ndarray]]:
    """A split's spectrograms, unchanged and then changed, since a split has no audio to change.

    Parameters
    ----------
    log_mel : np.ndarray [shape=(n, n_frames, n_mels), float32, 0..1]

    Yields
    ------
    change : str
        `before_after.UNCHANGED` first.
    log_mel : np.ndarray [the same shape and range]
    """
    n = len(log_mel)
    yield before_after.UNCHANGED, log_mel
    for kilohertz in (11, 15):
        limited = augment.silence_above(log_mel, np.full(n, 1000.0 * kilohertz))
        yield f"low-pass {kilohertz} kHz", relative_to_loudest(limited)
    rng = np.random.default_rng(_SEED)
    yield (
        "room noise 20 dB below",
        augment.add_noise(log_mel, rng, np.full(n, 20.0), np.full(n, 3.0)),
    )


def robustness(
    artifacts: str | Path, split: Split, audio: str | Path, output: str | Path
) -> Robustness:
    """Measures how steady the answers of a release are, and writes the evidence.

    Parameters
    ----------
    artifacts : path of the folder of a release
        `songnet.tflite` classifies the clips, `songnet.keras` the split.
    split : Split
    audio : path of a folder of audio files
        Music that is synthesised is classified, too, and counted separately.
    output : path of the folder to write the evidence to

    Returns
    -------
    Robustness
        Computed from that evidence by `before_after.robustness`.

    Raises
    ------
    DataError
        If there is no audio in the folder, or a file cannot be read.
    """
    found = sorted(path for path in Path(audio).glob("*") if path.suffix.lower() in SUFFIXES)
    if not found:
        raise DataError(f"There are no audio files in {audio}: --audio names a folder of songs.")
    output, classifier = Path(output), Classifier.load(artifacts)
    _write_pairs(classifier, found, output)
    _write_starts(classifier, found, output)
    _write_split(evaluate.load(Path(artifacts) / NETWORK_FILE, split), split, output)
    measured = before_after.robustness(output, classifier.weights.config.abstain_below)
    assert measured is not None  # its table was just written
    return measured


def _write_pairs(classifier: Classifier, found: list[Path], output: Path) -> None:
    pairs = []
    with tempfile.TemporaryDirectory() as folder:
        synthesised = write_sketches(folder)
        with tqdm(total=len(found) + len(synthesised), unit="clip") as progress:
            for paths, source in zip((found, synthesised), before_after.SOURCES, strict=True):
                for clip_pairs in compare(classifier, paths, source):
                    pairs += clip_pairs
                    progress.update()
    before_after.write(output / before_after.FILE, pairs, classifier.genres)


def _write_starts(classifier: Classifier, found: list[Path], output: Path) -> None:
    real = before_after.SOURCES[0]
    pairs = [pair for path in tqdm(found) for pair in starts.compare(classifier, path, real)]
    before_after.write(output / before_after.STARTS_FILE, pairs, classifier.genres)


def _write_split(network: keras.Model, split: Split, output: Path) -> None:
    for change, log_mel in changed_spectrograms(np.asarray(split.log_mel)):
        evidence = evaluate.evidence_of(split, evaluate.predict(network, log_mel))
        file = ChangedEvidenceName(split=split.name, change=change).file
        predictions.write(output / file, evidence)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of ``python -m train robustness``."""
    parser.add_argument("--data", required=True, metavar="DIR", help="folder of the .npz splits")
    parser.add_argument("--split", default="validation", help="%(default)s")
    parser.add_argument("--audio", required=True, metavar="FOLDER", help="audio files, 30 s each")
    parser.add_argument("--artifacts", default="artifacts", metavar="DIR", help="%(default)s")
    parser.add_argument("--output", metavar="DIR", help="evidence; ARTIFACTS/evidence")


def run(arguments: argparse.Namespace) -> Robustness:
    """``python -m train robustness``: measures, and returns what ``--json`` prints."""
    split = splits.load_split(arguments.data, arguments.split)
    output = arguments.output or Path(arguments.artifacts) / "evidence"
    return robustness(arguments.artifacts, split, arguments.audio, output)


def show(result: Robustness) -> None:
    """Prints the figures as tables, and the totals with their targets."""
    print(robustness_tables(result))
    for source, clips in result["clips"].items():
        total = clips["total"]
        print(
            f"\n{source}: same genre {100 * total['same_genre']:.1f} % "
            f"(target: {100 * SAME_GENRE:.0f} or more), mean distance {total['distance']:.3f} "
            f"(target: {DISTANCE:.2f} or less)"
        )
