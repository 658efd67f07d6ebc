"""Times, percentages and confidence as text."""

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


def clock(seconds: float) -> str:
    """Writes a time as ``"3:07"``, or ``"1:02:03"`` from an hour on."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"
