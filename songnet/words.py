"""Times, percentages and confidence as text."""

from collections.abc import Sequence

# The words for a confidence, each with the least percentage that it stands for.
CONFIDENCE_WORDS = (
    (80, "very sure"),
    (60, "fairly sure"),
    (45, "not too sure"),
    (0, "a guess"),
)
_MOST_SENTENCES = 20


def percent(share: float) -> int:
    """A share as a whole percentage, a half rounded up.

    All percentages that a user reads are rounded here, so that they agree wherever they stand, and
    with the shares in JSON and CSV.

    Parameters
    ----------
    share : float, 0..1
    """
    # Of six decimals, as in the JSON, and in whole numbers: no binary fraction decides a half.
    return (round(1_000_000 * share) + 5_000) // 10_000


def percentages(probabilities: dict[str, float]) -> dict[str, int]:
    """Rounds probabilities to whole percentages, each by itself: they may sum to 99 or 101.

    Parameters
    ----------
    probabilities : dict of str to float, 0..1

    Returns
    -------
    dict of str to int, in the order given
    """
    return {genre: percent(probability) for genre, probability in probabilities.items()}


def confidence_word(percentage: int) -> str:
    """The words for a confidence, such as ``"fairly sure"``.

    Parameters
    ----------
    percentage : int, 0..100
    """
    return next(word for least, word in CONFIDENCE_WORDS if percentage >= least)


def shortened(sentences: Sequence[str]) -> list[str]:
    """Sentences to be read at once: those beyond the first 20 are counted.

    Parameters
    ----------
    sentences : sequence of str

    Examples
    --------
    >>> shortened([f"{number}.mp3 is empty." for number in range(30)])[-2:]
    ['19.mp3 is empty.', 'And 10 more.']
    """
    more = len(sentences) - _MOST_SENTENCES
    return [*sentences[:_MOST_SENTENCES], *([f"And {more} more."] if more > 0 else [])]


def whole_seconds(seconds: float) -> int:
    """A time as whole seconds, a half rounded up.

    As for `percent`, all times that a user reads are rounded here, or by the function of the same
    name in the pages' JavaScript: Python's own `round` takes a half to the nearest even second.

    Parameters
    ----------
    seconds : float >= 0
    """
    return (round(1_000 * seconds) + 500) // 1_000


def clock(seconds: float) -> str:
    """Writes a time as ``"3:07"``, or ``"1:02:03"`` from an hour on."""
    minutes, rest = divmod(whole_seconds(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"
