"""Times, percentages and formats as text."""

from songnet.audio import AudioInfo
from songnet.audio.length import clock

__all__ = ["CONFIDENCE_WORDS", "audio_format", "clock", "confidence_word", "percentages"]

# Names of channel counts; any other count is written as a number.
_CHANNELS = {1: "mono", 2: "stereo", 6: "5.1", 8: "7.1"}

# The words for a confidence, each with the least percentage that it stands for.
CONFIDENCE_WORDS = (
    (80, "very sure"),
    (60, "fairly sure"),
    (45, "leaning that way"),
    (0, "a guess"),
)


def percentages(probabilities: dict[str, float]) -> dict[str, int]:
    """Rounds probabilities to whole percentages that sum to exactly 100.

    The largest remainders are rounded up.

    Parameters
    ----------
    probabilities : dict of str to float, 0..1, which sum to 1

    Returns
    -------
    dict of str to int, in the order given
    """
    exact = {genre: 100 * probability for genre, probability in probabilities.items()}
    rounded = {genre: int(value) for genre, value in exact.items()}
    by_remainder = sorted(exact, key=lambda genre: rounded[genre] - exact[genre])
    for genre in by_remainder[: 100 - sum(rounded.values())]:
        rounded[genre] += 1
    return rounded


def confidence_word(percentage: int) -> str:
    """The words for a confidence, such as ``"fairly sure"``.

    Parameters
    ----------
    percentage : int, 0..100
    """
    return next(word for least, word in CONFIDENCE_WORDS if percentage >= least)


def audio_format(info: AudioInfo) -> str:
    """Writes a file's format as ``"MP3 · 44.1 kHz · stereo"``."""
    parts = [
        info.format,
        f"{info.sample_rate / 1000:g} kHz",
        _CHANNELS.get(info.channels, f"{info.channels} channels"),
    ]
    return " · ".join(parts)
