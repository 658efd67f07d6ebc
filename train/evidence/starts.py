"""Measures whether answers stay when an excerpt of a song starts a little later."""

from collections.abc import Iterator
from pathlib import Path

from songnet import audio
from songnet.classifier import Classifier
from songnet.prediction import Prediction
from songnet.spec import SPEC
from train.evidence.before_after import Pair, pair_of
from train.evidence.changes import LATER_MS, later_name

# Clips have 30 s. Of the same length, two excerpts differ in nothing but where they start.
SECONDS = 24
STARTS_S = tuple(0.25 * step for step in range(20))


def compare(classifier: Classifier, path: Path, source: str) -> Iterator[Pair]:
    """Classifies excerpts of a clip from many places, and those that start a little later.

    Parameters
    ----------
    classifier : Classifier
    path : path of an audio file
    source : str
        As in `Pair`.

    Yields
    ------
    Pair
        One for each of `STARTS_S` and of `LATER_MS`, for as long as the clip lasts. `clip` has the
        place at its end.

    Raises
    ------
    AudioError
        If the file cannot be classified.
    """
    waveform, rate = audio.read(path), SPEC.sample_rate
    artist = classifier.classify(path).tags.artist or path.name
    for start_s in STARTS_S:

        def excerpt(later_ms: int, start_s: float = start_s) -> Prediction | None:
            first = round((start_s + later_ms / 1000) * rate)
            cut = waveform[first : first + SECONDS * rate]
            return classifier.classify(cut) if len(cut) == SECONDS * rate else None

        before = excerpt(0)
        for later_ms in LATER_MS:
            after = excerpt(later_ms)
            if before is not None and after is not None:
                yield pair_of(
                    before,
                    after,
                    source=source,
                    clip=f"{path.name} from {start_s:g} s",
                    artist=artist,
                    change=later_name(later_ms),
                )
