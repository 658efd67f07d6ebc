"""The song over time: which stretch is which genre, and the waveform coloured by it."""

import itertools
from dataclasses import dataclass
from html import escape

import numpy as np
import plotly.graph_objects as go

from songnet.colours import NEUTRAL, genre_colours, text_on
from songnet.prediction import Prediction
from songnet.spec import SPEC
from songnet.ui.analysis import Analysis
from songnet.ui.figures.time_axis import time_layout
from songnet.words import clock, percentages

# Few enough for gaps between the bars of the waveform, on a telephone too.
_COLUMNS = 300


@dataclass(frozen=True)
class Stretch:
    """A part of a song that is covered by the same windows, or several such parts of one genre.

    Attributes
    ----------
    start_s, end_s : float [s]
    probabilities : dict of str to float, 0..1, which sum to 1
        Mean over the windows that cover the stretch.
    """

    start_s: float
    end_s: float
    probabilities: dict[str, float]

    @property
    def genre(self) -> str:
        """The most probable genre."""
        return max(self.probabilities, key=self.probabilities.__getitem__)


def stretches(prediction: Prediction) -> list[Stretch]:
    """Cuts a song where windows start and end, and averages the windows that cover each part.

    Parameters
    ----------
    prediction : Prediction

    Returns
    -------
    list of Stretch
        In order, without gaps.
    """
    windows = prediction.windows
    cuts = sorted({round(s, 3) for w in windows for s in (w.start_s, w.end_s)})
    parts = []
    for start, end in itertools.pairwise(cuts):
        middle = (start + end) / 2
        covering = [w for w in windows if w.start_s <= middle < w.end_s]
        parts.append(Stretch(start, end, _mean([(1.0, w.probabilities) for w in covering])))
    return parts


def merged(parts: list[Stretch]) -> list[Stretch]:
    """Joins neighbouring stretches of one genre, weighted by their lengths.

    Parameters
    ----------
    parts : list of Stretch
        In order, without gaps.

    Returns
    -------
    list of Stretch
        In order, without gaps; no two neighbours have the same genre.
    """
    runs: list[Stretch] = []
    for part in parts:
        if runs and runs[-1].genre == part.genre:
            last = runs.pop()
            weighted = [(p.end_s - p.start_s, p.probabilities) for p in (last, part)]
            part = Stretch(last.start_s, part.end_s, _mean(weighted))
        runs.append(part)
    return runs


def _mean(weighted: list[tuple[float, dict[str, float]]]) -> dict[str, float]:
    """The weighted mean of probabilities, given as pairs of weight and probabilities."""
    total = sum(weight for weight, _ in weighted)
    return {
        genre: sum(weight * probabilities[genre] for weight, probabilities in weighted) / total
        for genre in weighted[0][1]
    }


def attention_over(prediction: Prediction, times: np.ndarray) -> np.ndarray:
    """The network's attention to each moment of a song, relative to its peak.

    Windows that overlap are averaged. A song shorter than a window is repeated to fill it: the
    repetitions are averaged.

    Parameters
    ----------
    prediction : Prediction
    times : np.ndarray [shape=(n,), s]

    Returns
    -------
    np.ndarray [shape=(n,), 0..1]
    """
    total, covering = np.zeros(len(times)), np.zeros(len(times))
    for window in prediction.windows:
        weights = np.asarray(window.attention)
        centres = (np.arange(len(weights)) + 0.5) * SPEC.window_seconds / len(weights)
        length = window.end_s - window.start_s
        inside = (times >= window.start_s) & (times <= window.end_s)
        for repetition in range(max(1, int(SPEC.window_seconds / length))):
            at = times[inside] - window.start_s + repetition * length
            total[inside] += np.interp(at, centres, weights)
            covering[inside] += 1
    attention = total / np.maximum(covering, 1)
    return attention / max(attention.max(), 1e-12)


def figure(analysis: Analysis) -> go.Figure:
    """Draws the waveform coloured by genre, the attention over it, a ribbon of genres below.

    Parameters
    ----------
    analysis : Analysis

    Returns
    -------
    plotly.graph_objects.Figure
        Its x axis is seconds.
    """
    prediction = analysis.prediction
    duration = prediction.duration_s
    parts = stretches(prediction)
    colours = genre_colours(prediction.probabilities)
    times, heights, owners = zip(*waveform(analysis, _COLUMNS), strict=True)
    heights = np.asarray(heights)
    layout = time_layout(duration)
    layout["xaxis"]["anchor"] = "y2"
    hidden = {"visible": False, "fixedrange": True}
    layout["yaxis"] = {"range": [-1.05, 1.05], "domain": [0.18, 1], **hidden}
    layout["yaxis2"] = {"range": [0, 1], "domain": [0, 0.13], **hidden}
    names = {"minsize": 11, "mode": "hide"}
    chart = go.Figure(
        layout=layout | {"barmode": "overlay", "hovermode": "x", "uniformtext": names}
    )
    chart.add_bar(
        x=times,
        y=2 * heights,
        base=-heights,
        width=0.62 * duration / len(heights),
        marker={"color": [colours[part.genre] for part in owners], "line": {"width": 0}},
        customdata=[_hover(time, part) for time, part in zip(times, owners, strict=True)],
        hovertemplate="%{customdata}<extra></extra>",
        name="Waveform",
    )
    moments = _moments(prediction)
    attention = 1.9 * attention_over(prediction, moments) - 0.95
    # "Edge" is an outline of the line above it, in the colour of the ground: answer.css has both.
    for name, width in (("Edge", 5), ("Attention", 2)):
        line = {"color": NEUTRAL, "width": width, "shape": "spline"}
        chart.add_scatter(
            x=moments, y=attention, mode="lines", line=line, hoverinfo="skip", name=name
        )
    _add_ribbon(chart, merged(parts))
    return chart


def waveform(analysis: Analysis, columns: int) -> list[tuple[float, float, Stretch]]:
    """Divides a song into columns of equal length, each with its loudness and its genre.

    Parameters
    ----------
    analysis : Analysis
    columns : int
        At most this many.

    Returns
    -------
    list of (float [s], float 0..1, Stretch)
        A column's middle, its RMS level relative to the loudest column's, and the stretch that it
        lies in.
    """
    parts = stretches(analysis.prediction)
    power = analysis.power
    if len(power) > columns:
        edges = np.linspace(0, len(power), columns + 1).astype(int)
        power = np.add.reduceat(power, edges[:-1]) / np.diff(edges)
    # A column of silence stays visible as a thin line.
    heights = np.maximum(np.sqrt(power) / max(float(np.sqrt(power.max())), 1e-9), 0.01)
    times = (np.arange(len(heights)) + 0.5) * analysis.prediction.duration_s / len(heights)
    return [
        (float(time), float(height), _part_at(parts, time))
        for time, height in zip(times, heights, strict=True)
    ]


def stretch_list(prediction: Prediction) -> str:
    """Lists the stretches as buttons that play from there, for keyboard and screen reader.

    Parameters
    ----------
    prediction : Prediction

    Returns
    -------
    str
        HTML; empty for a song of one stretch.
    """
    runs = merged(stretches(prediction))
    if len(runs) < 2:
        return ""
    colours = genre_colours(prediction.probabilities)
    items = "".join(
        f'<li><button type="button" class="sn-seek" data-seek="{run.start_s:.2f}" '
        f'style="--genre: {colours[run.genre]}">'
        f'<span class="sn-dot" aria-hidden="true"></span>{clock(run.start_s)}–{clock(run.end_s)} '
        f"<b>{escape(run.genre)}</b> {percentages(run.probabilities)[run.genre]} %</button></li>"
        for run in runs
    )
    return f'<ul class="sn-stretches" aria-label="Play from a stretch of the song">{items}</ul>'


def _moments(prediction: Prediction) -> np.ndarray:
    """Times of the attention line's points [s]: as dense as the network's attention weights."""
    spacing = SPEC.window_seconds / len(prediction.windows[0].attention)
    return np.linspace(0, prediction.duration_s, max(8, round(prediction.duration_s / spacing)))


def _part_at(parts: list[Stretch], time: float) -> Stretch:
    """The stretch that a time [s] lies in."""
    return next((part for part in parts if time < part.end_s), parts[-1])


def _plotly(text: str) -> str:
    """Text as Plotly's HTML, in which ``&quot;`` is no quotation mark."""
    return escape(text, quote=False)


def _hover(time: float, part: Stretch) -> str:
    """What appears when the mouse is over a column: the time and the three best genres, as HTML."""
    best = sorted(part.probabilities.items(), key=lambda item: -item[1])[:3]
    shown = percentages(part.probabilities)
    lines = [f"{_plotly(genre)} {shown[genre]} %" for genre, _ in best]
    return f"<b>{clock(time)}</b><br>" + "<br>".join(lines)


def _add_ribbon(chart: go.Figure, runs: list[Stretch]) -> None:
    """Draws the stretches as a ribbon, named where there is room."""
    known = genre_colours(runs[0].probabilities)
    colours = [known[run.genre] for run in runs]
    chart.add_bar(
        x=[(run.start_s + run.end_s) / 2 for run in runs],
        y=[1.0] * len(runs),
        width=[run.end_s - run.start_s for run in runs],
        yaxis="y2",
        marker={"color": colours, "line": {"width": 0}},
        text=[_plotly(run.genre) for run in runs],
        textposition="inside",
        insidetextanchor="middle",
        textangle=0,
        textfont={"color": [text_on(colour) for colour in colours], "size": 12},
        hoverinfo="skip",
        name="Genre",
    )
