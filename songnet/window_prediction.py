"""What the network says of one window of a song."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class WindowPrediction:
    """The prediction for one window of a song.

    Attributes
    ----------
    start_s, end_s : float [s]
        Where the window lies in the song.
    probabilities : dict of str to float, 0..1
        Of all genres; they sum to 1.
    attention : list of float, 0..1
        The network's weights for T equal parts of a 30 s window; they sum to 1. A song shorter than
        a window is repeated to fill it, and the attention runs over the repetitions.
    silent : bool
        Whether its peak is below `SPEC.silence_peak`.
    """

    start_s: float
    end_s: float
    probabilities: dict[str, float] = field(hash=False)
    attention: list[float] = field(hash=False)
    silent: bool = False
