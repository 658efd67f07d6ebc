"""The song over time: the waveform coloured by sections, what was attended to, and their names."""

import itertools
from collections.abc import Iterable
from dataclasses import dataclass
from html import escape

import numpy as np
import plotly.graph_objects as go

from songnet.colours import NEUTRAL, Pair, genre_colours, text_on
from songnet.moments import attention_over
from songnet.prediction import Prediction
from songnet.sections import Part, Section, parts_of
from songnet.spec import SPEC
from songnet.ui.analysis import Analysis
from songnet.ui.figures.time_axis import time_layout
from songnet.words import clock, percent

# Few enough for gaps between the bars of the waveform, on a telephone too.
_COLUMNS = 300
# How opaque the waveform is where SongNet is unsure.
_PALE = 0.4
# Into how many parts the attention of a long song is smoothed.
_SMOOTHED = 80
# As many sections as a reader takes in.
_MOST_CHIPS = 6
# Times are rounded to milliseconds.
_EDGE_S = 0.002


@dataclass(frozen=True)
class Stretch:
    """A part of a song, with the section that it lies in.

    Attributes
    ----------
    part : Part
    section : Section
    sure : bool
        Whether the windows that cover it are sure of the section's genre.
    """

    part: Part
    section: Section
    sure: bool


def stretches(prediction: Prediction) -> list[Stretch]:
    """The parts of a song, each with its section.

    Parameters
    ----------
    prediction : Prediction

    Returns
    -------
    list of Stretch
        In order.
    """
    found = []
    for part in parts_of(prediction.windows):
        section = next(s for s in prediction.sections if part.end_s <= s.end_s + _EDGE_S)
        own = part.probabilities[section.genre] if section.genre else 0.0
        found.append(Stretch(part, section, section.sure and own >= prediction.sure_from))
    return found


def attention_lane(prediction: Prediction, points: int) -> tuple[np.ndarray, np.ndarray]:
    """The attention over a song, smooth enough for a lane of so many points.

    Parameters
    ----------
    prediction : Prediction
    points : int > 0
        At most this many.

    Returns
    -------
    times : np.ndarray [shape=(n,), s]
    attention : np.ndarray [shape=(n,), 0..1]
        The mean around each time, relative to its peak; 0 in silence.
    """
    spacing = SPEC.window_seconds / len(prediction.windows[0].attention)
    duration = prediction.duration_s
    count = int(np.clip(duration / spacing, 8, points))
    times = np.linspace(0, duration, count)
    # As wide as two of the network's steps, or a share of a long song that the eye can follow.
    width = max(2 * spacing, duration / _SMOOTHED)
    around = times[:, None] + np.linspace(-width / 2, width / 2, max(9, int(width / spacing)))
    inside = np.clip(around, 0, duration)
    attention = attention_over(prediction.windows, inside.ravel()).reshape(inside.shape)
    smooth = attention.mean(axis=1)
    return times, smooth / max(float(smooth.max()), 1e-12)


def figure(analysis: Analysis) -> go.Figure:
    """Draws the waveform coloured by genre, a lane of attention, and a ribbon of genres below.

    What SongNet is unsure of is pale in the waveform and hatched in the ribbon.

    Parameters
    ----------
    analysis : Analysis

    Returns
    -------
    plotly.graph_objects.Figure
        Its x axis is seconds. Colours are those of the light scheme: `dark_rules` has the others.
    """
    prediction = analysis.prediction
    duration = prediction.duration_s
    layout = time_layout(duration)
    layout["xaxis"]["anchor"] = "y2"
    hidden = {"visible": False, "fixedrange": True}
    layout["yaxis"] = {"range": [-1.05, 1.05], "domain": [0.34, 1], **hidden}
    layout["yaxis2"] = {"range": [0, 1], "domain": [0, 0.13], **hidden}
    layout["yaxis3"] = {"range": [0, 1.05], "domain": [0.17, 0.31], **hidden}
    names = {"minsize": 11, "mode": "hide"}
    chart = go.Figure(
        layout=layout | {"barmode": "overlay", "hovermode": "x", "uniformtext": names}
    )
    _add_waveform(chart, analysis)
    times, attention = attention_lane(prediction, _COLUMNS)
    chart.add_scatter(
        x=times,
        y=attention,
        yaxis="y3",
        mode="lines",
        line={"color": NEUTRAL, "width": 1, "shape": "spline"},
        fill="tozeroy",
        fillcolor=NEUTRAL,
        hoverinfo="skip",
        name="Attention",
    )
    _add_ribbon(chart, prediction)
    return chart


def dark_rules(genres: Iterable[str]) -> str:
    """A style sheet by which the figure's colours are those of the dark scheme, where it is dark.

    Plotly knows no variables, and writes each colour into the elements that it draws.

    Parameters
    ----------
    genres : iterable of str
        All genres of the answer.
    """
    rules = "".join(
        f'.dark .sn-seekable .barlayer path[style*="{_as_drawn(pair.light)}"]'
        f"{{fill:{pair.dark} !important}}"
        f'.dark .sn-seekable pattern [style*="{_as_drawn(pair.light)}"]'
        f"{{fill:{pair.dark} !important;stroke:{pair.dark} !important}}"
        for pair in genre_colours(genres).values()
    )
    return f"<style>{rules}</style>"


def _as_drawn(colour: str) -> str:
    """A colour as the browser gives it back, ``"rgb(1, 2, 3)"``."""
    return f"rgb({', '.join(str(int(colour[i : i + 2], 16)) for i in (1, 3, 5))})"


def _add_waveform(chart: go.Figure, analysis: Analysis) -> None:
    """Draws a bar for each moment, as high as it is loud."""
    colours = genre_colours(analysis.prediction.probabilities)
    times, heights, owners = zip(*waveform(analysis, _COLUMNS), strict=True)
    heights = np.asarray(heights)
    chart.add_bar(
        x=times,
        y=2 * heights,
        base=-heights,
        width=0.62 * analysis.prediction.duration_s / len(heights),
        marker={
            "color": [_colour(owner, colours) for owner in owners],
            "opacity": [1.0 if owner.sure else _PALE for owner in owners],
            "line": {"width": 0},
        },
        customdata=[_hover(time, owner) for time, owner in zip(times, owners, strict=True)],
        hovertemplate="%{customdata}<extra></extra>",
        name="Waveform",
    )


def _colour(stretch: Stretch, colours: dict[str, Pair]) -> str:
    genre = stretch.section.genre
    return colours[genre].light if genre else NEUTRAL


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
    """Lists the sections as buttons that play from there, for keyboard and screen reader.

    Parameters
    ----------
    prediction : Prediction

    Returns
    -------
    str
        HTML; without buttons for a song of one section. Of many sections the longest are listed,
        and the number of the others.
    """
    rules = dark_rules(prediction.probabilities)
    sections = prediction.sections
    if len(sections) < 2:
        return rules
    colours = genre_colours(prediction.probabilities)
    longest = sorted(sections, key=lambda s: s.start_s - s.end_s)[:_MOST_CHIPS]
    items = "".join(
        f'<li><button type="button" class="sn-seek" data-play-from="{section.start_s:.2f}" '
        f'style="--genre: {colours[section.genre] if section.genre else "transparent"}">'
        '<span class="sn-dot" aria-hidden="true"></span>'
        f"{clock(section.start_s)}–{clock(section.end_s)} {_named(section)}</button></li>"
        for section in sections
        if section in longest
    )
    if left := len(sections) - len(longest):
        items += f'<li class="sn-left">and {left} more</li>'
    return (
        f'{rules}<ul class="sn-stretches" aria-label="Play from a section of the song">{items}</ul>'
    )


def _named(section: Section) -> str:
    """A section's genre and how sure it is, as HTML."""
    if section.genre is None:
        return "silence"
    perhaps = "" if section.sure else "perhaps "
    return f"{perhaps}<b>{escape(section.genre)}</b> {percent(section.confidence)} %"


def _part_at(parts: list[Stretch], time: float) -> Stretch:
    """The stretch that a time [s] lies in."""
    return next((stretch for stretch in parts if time < stretch.part.end_s), parts[-1])


def _plotly(text: str) -> str:
    """Text as Plotly's HTML, in which ``&quot;`` is no quotation mark."""
    return escape(text, quote=False)


def _hover(time: float, stretch: Stretch) -> str:
    """What appears when the mouse is over a column: the time and the three best genres, as HTML."""
    if stretch.part.silent:
        return f"<b>{clock(time)}</b><br>silence"
    best = sorted(stretch.part.probabilities.items(), key=lambda item: -item[1])[:3]
    lines = [f"{_plotly(genre)} {percent(probability)} %" for genre, probability in best]
    return f"<b>{clock(time)}</b><br>" + "<br>".join(lines)


def _add_ribbon(chart: go.Figure, prediction: Prediction) -> None:
    """Draws the sections as a ribbon, named where there is room, and hatched where unsure."""
    known = genre_colours(prediction.probabilities)
    runs = [
        (section.genre, sure, list(members))
        for (section, sure), members in itertools.groupby(
            stretches(prediction), key=lambda stretch: (stretch.section, stretch.sure)
        )
        if section.genre
    ]
    spans = [(run[0].part.start_s, run[-1].part.end_s) for _, _, run in runs]
    colours = [known[genre].light for genre, _, _ in runs]
    chart.add_bar(
        x=[(start + end) / 2 for start, end in spans],
        y=[1.0] * len(runs),
        width=[end - start for start, end in spans],
        yaxis="y2",
        marker={
            "color": colours,
            "line": {"width": 0},
            "pattern": {
                "shape": ["" if sure else "/" for _, sure, _ in runs],
                "fillmode": "replace",
                "size": 7,
                "solidity": 0.4,
            },
        },
        text=[_plotly(genre) if sure else "" for genre, sure, _ in runs],
        textposition="inside",
        insidetextanchor="middle",
        textangle=0,
        textfont={"color": [text_on(colour) for colour in colours], "size": 12},
        hoverinfo="skip",
        name="Genre",
    )
