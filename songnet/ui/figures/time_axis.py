"""The layout that the figures over time share."""

import math
from typing import Any

from songnet.colours import INK, MUTED, NEUTRAL, WHITE
from songnet.words import clock

_TICK_STEPS_S = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600)
_MOST_TICKS = 6
# A song that lacks less of a tick ends at it, as its length is shown.
_ROUNDED_S = 0.5


def time_layout(duration: float) -> dict[str, Any]:
    """Lays out a figure over time: a transparent ground, a time axis, nothing to drag.

    Parameters
    ----------
    duration : float [s]

    Returns
    -------
    dict
        The argument ``layout`` of `plotly.graph_objects.Figure`: to hand it over there takes a
        tenth of the time of changing the layout of a figure.
    """
    step = next((s for s in _TICK_STEPS_S if duration / s <= _MOST_TICKS), _TICK_STEPS_S[-1])
    ticks = [min(tick, duration) for tick in range(0, math.ceil(duration + _ROUNDED_S), step)]
    return {
        "xaxis": {
            "range": [0, duration],
            "tickvals": ticks,
            "ticktext": [clock(tick) for tick in ticks],
            "showgrid": False,
            "zeroline": False,
            "fixedrange": True,
            "tickangle": 0,
            "ticks": "outside",
            "ticklen": 4,
            "tickcolor": "rgba(0,0,0,0)",
        },
        "height": 216,
        "margin": {"l": 20, "r": 20, "t": 8, "b": 30},
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "font": {"family": "system-ui, sans-serif", "size": 12, "color": NEUTRAL},
        "hoverlabel": {
            "align": "left",
            "bgcolor": INK,
            "bordercolor": MUTED.light,
            "font": {"size": 13, "color": WHITE},
        },
        "showlegend": False,
        "dragmode": False,
        "template": "none",
    }
