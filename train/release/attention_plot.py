"""Plot of the network's attention over the log-mel spectrogram of a song."""

from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np

from songnet.audio.tags import Tags
from songnet.classifier import Classifier
from songnet.colours import GREY, genre_colours
from songnet.features import log_mel, mel_frequencies
from songnet.sandbox import Sandbox
from songnet.spec import SPEC
from train.plotting import save

_TICKS_HZ = (100, 500, 1000, 2000, 5000, 10_000, 20_000)


def attention(classifier: Classifier, song: str | Path, path: Path) -> None:
    """Draws the attention over a song's first window, with a title from the song's own tags.

    Parameters
    ----------
    classifier : Classifier
    song : path of an audio file
        If it is shorter than a window, it is repeated to fill it, as for the network.
    path : path of the PNG file to write

    Raises
    ------
    AudioError
        If the song cannot be classified.
    """
    with Sandbox(workers=1) as sandbox, sandbox.open(song) as opened:
        waveform = np.resize(np.concatenate(list(opened.blocks())), SPEC.window_samples)
        title = _title(song, opened.tags)
    prediction = classifier.classify(waveform)
    weights = np.array(prediction.windows[0].attention)
    # Relative to an even spread, from the window's start to its end.
    curve = np.pad(weights * len(weights), 1, mode="edge")
    moments = np.clip(np.arange(len(curve)) - 0.5, 0, len(weights))
    moments = moments * SPEC.window_seconds / len(weights)
    colour = genre_colours(classifier.genres)[prediction.genre].light

    figure, (upper, lower) = plt.subplots(
        2, 1, figsize=(12, 6.75), sharex=True, height_ratios=[1, 2.4]
    )
    upper.fill_between(moments, curve, color=colour, alpha=0.35, linewidth=0)
    upper.plot(moments, curve, color=colour)
    upper.axhline(1.0, color=GREY, linestyle=":", linewidth=1.5)
    upper.set(ylim=(0, None), ylabel="Attention\n(1: even)")
    upper.set_title(f"{title}: {prediction.genre}, {100 * prediction.confidence:.0f} % sure")
    picture = lower.imshow(
        (log_mel(waveform).T - 1.0) * SPEC.db_range,
        origin="lower",
        aspect="auto",
        extent=(0, SPEC.window_seconds, 0, SPEC.n_mels),
        cmap="magma",
        interpolation="nearest",
    )
    bands = np.interp(_TICKS_HZ, mel_frequencies()[1:-1], np.arange(SPEC.n_mels) + 0.5)
    lower.set_yticks(bands, [f"{hertz:,}" for hertz in _TICKS_HZ])
    lower.set(xlabel="Time, s", ylabel="Frequency, Hz")
    figure.colorbar(picture, ax=lower, label="dB below the loudest", pad=0.01)
    save(figure, path)


def _title(song: str | Path, tags: Tags) -> str:
    title = f"“{tags.title}”" if tags.title else Path(song).name
    return f"{title} by {tags.artist}" if tags.artist else title
