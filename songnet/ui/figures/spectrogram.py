"""The log-mel spectrogram, in minutes and hertz, with what the network ignores in the shade."""

from typing import Any

import numpy as np
import plotly.graph_objects as go

from songnet.colours import BLACK, WHITE
from songnet.features import mel_frequencies
from songnet.spec import HEARD_BANDS, SPEC
from songnet.ui.analysis import Analysis
from songnet.ui.figures.time_axis import time_layout

# Most frames that are drawn: more would not be visible on a screen.
_COLUMNS = 512
_TICKS_HZ = (100, 500, 1000, 2000, 5000, 10_000, 20_000)


def figure(analysis: Analysis) -> go.Figure:
    """Draws time across, mel bands up, decibels below each window's loudest bin as colour.

    Parameters
    ----------
    analysis : Analysis

    Returns
    -------
    plotly.graph_objects.Figure
        Its x axis is seconds, its y axis the mel bands.
    """
    duration = analysis.prediction.duration_s
    decibels = _columns((analysis.spectrogram - 1.0) * SPEC.db_range)
    times = (np.arange(len(decibels)) + 0.5) * duration / len(decibels)
    for section in analysis.prediction.sections:
        if section.genre is None:
            # The network is given silence as if it were loud, relative to nothing.
            decibels[(times >= section.start_s) & (times < section.end_s)] = -SPEC.db_range
    centres = mel_frequencies()[1:-1]
    bands = [_hertz(float(f"{centre:.4g}")) for centre in centres]
    layout = {
        "yaxis": {
            # Evenly spaced, as the bands are on the mel scale.
            "type": "category",
            "tickvals": [int(np.abs(centres - hertz).argmin()) for hertz in _TICKS_HZ],
            "ticktext": [_hertz(hertz) for hertz in _TICKS_HZ],
            "fixedrange": True,
            "showgrid": False,
            "zeroline": False,
            # Inside, so that the time axis has the place that it has below the waveform.
            "ticklabelposition": "inside",
            "tickfont": {"color": WHITE},
        },
        "height": 320,
        "shapes": [_shade()],
        "annotations": [_shade_name()],
    }
    chart = go.Figure(layout=time_layout(duration) | layout)
    chart.add_heatmap(
        z=np.round(decibels.T).astype(np.int8),
        x=times,
        y=bands,
        zmin=-SPEC.db_range,
        zmax=0,
        colorscale="Magma",
        hovertemplate="%{x:.1f} s · %{y} · %{z} dB<extra></extra>",
        showscale=False,
    )
    return chart


def _shade() -> dict[str, Any]:
    """What covers the bands that the network ignores."""
    return {
        "type": "rect",
        "xref": "paper",
        "x0": 0,
        "x1": 1,
        # A category is as high as 1, around its number.
        "y0": HEARD_BANDS - 0.5,
        "y1": SPEC.n_mels - 0.5,
        "fillcolor": BLACK,
        "opacity": 0.6,
        "line": {"width": 0},
        "layer": "above",
    }


def _shade_name() -> dict[str, Any]:
    """What the shade means, in words."""
    # A band ends where the second one after it begins.
    highest = _hertz(float(f"{mel_frequencies()[HEARD_BANDS + 1]:.2g}"))
    return {
        "text": f"SongNet ignores what is above {highest}",
        "xref": "paper",
        "x": 0.99,
        "xanchor": "right",
        "y": (HEARD_BANDS + SPEC.n_mels) / 2,
        "showarrow": False,
        "font": {"color": WHITE, "size": 12},
    }


def _columns(decibels: np.ndarray) -> np.ndarray:
    """Reduces a spectrogram to at most `_COLUMNS` frames, each the maximum of those it replaces."""
    if len(decibels) <= _COLUMNS:
        return decibels
    edges = np.linspace(0, len(decibels), _COLUMNS, endpoint=False).astype(int)
    return np.maximum.reduceat(decibels, edges, axis=0)


def _hertz(hertz: float) -> str:
    """Writes a frequency as ``"100 Hz"`` or ``"2.5 kHz"``."""
    return f"{hertz / 1000:g} kHz" if hertz >= 1000 else f"{hertz:.0f} Hz"
