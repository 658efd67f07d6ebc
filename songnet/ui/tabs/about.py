"""The tab that says what SongNet can and cannot do, how well, and with which weights."""

from pathlib import Path

import gradio as gr

from songnet.spec import SPEC
from songnet.weights import EMBEDDED, Weights, expectations
from songnet.weights.metrics import Interval, Metrics, ProtocolFigures, read_metrics
from songnet.weights.release import MODEL_FILE, ReleaseConfig
from songnet.words import percent

_CAPABILITIES = """
## What it does
SongNet hears a song in windows of {window:.0f} s, and says for each how probable
{n} genres are: {genres}.
A song's answer is the mean of its windows. The grey lane below the waveform is the network's
attention: how much each moment counted.

## What it cannot do
- It knows these {n} genres and no other, unless you teach it yours. Whatever else it hears gets the
  nearest of them, or "not sure".
- It learned from {training_data}, and from the labels there. Music of other kinds or from other
  places is new to it.
- A genre is what those labels call music, which is not always how it sounds.
- Confidence is measured on such clips. Elsewhere it may be too sure of itself.

## Your songs
They are decoded on this server, are not shown to anybody, and are deleted an hour after they came.
"""

_API = """
## From a program
```python
from gradio_client import Client, handle_file

client = Client("ADDRESS OF THIS PAGE")
answer = client.predict(handle_file("song.mp3"), api_name="/classify")
print(answer["genre"], answer["confidence"])
```
```javascript
import { Client, handle_file } from "@gradio/client";

const client = await Client.connect("ADDRESS OF THIS PAGE");
const { data } = await client.predict("/classify", [handle_file(song)]);
console.log(data[0].genre, data[0].confidence);
```
`/classify_batch` takes several files and gives a list and the text of a CSV table;
`/similar` the five known tracks that sound most like a song.
"""


def build(weights: Weights) -> None:
    """Adds the tab's text to the page that is being built.

    Parameters
    ----------
    weights : Weights
        The weights in use.
    """
    with gr.Column(elem_classes="sn-about"):
        with gr.Row(equal_height=True):
            with gr.Column(elem_classes="sn-card", scale=5, min_width=320):
                gr.Markdown(capabilities(weights))
                gr.Markdown(weights_in_use(weights))
            with gr.Column(elem_classes="sn-card", scale=6, min_width=320):
                gr.Markdown(figures(weights))
        with gr.Column(elem_classes="sn-card"):
            gr.Markdown(_API)


def capabilities(weights: Weights) -> str:
    """What the network does and cannot do, as Markdown, with the genres that it knows."""
    *genres, last = weights.config.genres
    return _CAPABILITIES.format(
        n=len(genres) + 1,
        genres=f"{', '.join(genres)} and {last}",
        window=SPEC.window_seconds,
        training_data=weights.config.training_data or "one collection of clips",
    )


def weights_in_use(weights: Weights) -> str:
    """Version, source, licence and SHA-256 of the weights, as Markdown."""
    return (
        "## The weights in use\n"
        f"- Version {weights.config.version}, {len(weights.tflite) / 1000:,.0f} kB\n"
        f"- Source: {weights.source}\n"
        f"- Licence: {weights.config.license or 'their config.json states none'}\n"
        f"- SHA-256: `{weights.sha256}`\n"
    )


def figures(weights: Weights) -> str:
    """How good the network is, as Markdown, from the `metrics.json` beside the weights.

    That of this installation serves for the same weights from elsewhere: the Hub's come without.

    Parameters
    ----------
    weights : Weights
        The weights in use. Where the figures are of other weights, none are shown.

    Returns
    -------
    str

    Raises
    ------
    MetricsError
        If `metrics.json` cannot be read or has another shape.
    WeightsError
        If there is a `metrics.json`, but no `config.json` that names the weights measured.
    """
    title = "## How good it is\n"
    for folder in filter(None, (weights.folder, EMBEDDED)):
        metrics = read_metrics(folder)
        if metrics is not None and _are_of(metrics, folder, weights):
            protocols = metrics["protocols"]
            told = " ".join(expectations.sentences(protocols["official"]))
            measured = _table(protocols["official"], len(weights.config.genres))
            return f"{title}{told}\n\n{measured}{_others(protocols)}"
    return title + "No figures come with these weights."


def _are_of(metrics: Metrics, folder: Path, weights: Weights) -> bool:
    """Whether the figures in a folder are those of these weights.

    Others may have been exported over those that were measured: where the figures name the file
    that they are of, its name in `config.json` does not count.
    """
    if MODEL_FILE in (sizes := metrics.get("sizes", {})):
        measured = sizes[MODEL_FILE]["sha256"]
    else:
        file = ReleaseConfig.read(folder).files.get(MODEL_FILE)
        measured = None if file is None else file.sha256
    return metrics["version"] == weights.config.version and measured == weights.sha256


def _table(protocol: ProtocolFigures, n_genres: int) -> str:
    """SongNet's figures under one protocol, with a description of it, as Markdown."""
    songnet = protocol["models"]["songnet"]
    rows = {
        "Accuracy": _interval(songnet["accuracy"], 100, " %", 1),
        "Macro-F1": _interval(songnet["macro_f1"], 100, " %", 1),
        "Log loss": _interval(songnet["log_loss"], 1, "", 3),
        "Calibration error (ECE)": _interval(songnet["ece"], 1, "", 3),
    }
    table = "".join(f"| {name} | {value} |\n" for name, value in rows.items())
    recall = {genre: share for genre, share in songnet["recall"].items() if share is not None}
    best_first = sorted(recall.items(), key=lambda item: -item[1])
    genres = ", ".join(f"{genre} {percent(share)}\u00a0%" for genre, share in best_first)
    return (
        f"Measured on {protocol['clips']} {protocol['split']} clips of "
        f"{protocol['artists']} artists ({protocol['description']}). The intervals (95 %) "
        "resample artists. A guess is right in "
        f"{100 / n_genres:.1f} % of cases. All figures below count the best guess for every clip, "
        "also where the answer is “not sure”.\n\n"
        f"| Figure | Mean (interval) |\n|---|---|\n{table}\n"
        f"Of each genre's clips, found: {genres}.\n"
    )


def _others(protocols: dict[str, ProtocolFigures]) -> str:
    """SongNet's accuracy under the protocols after the first, as Markdown."""
    lines = [
        f"- {_interval(protocol['models']['songnet']['accuracy'], 100, ' %', 1)}: "
        f"{protocol['description']} ({protocol['clips']} {protocol['split']} clips of "
        f"{protocol['artists']} artists)\n"
        for name, protocol in protocols.items()
        if name != "official" and "songnet" in protocol["models"]
    ]
    return "\nAccuracy measured otherwise:\n\n" + "".join(lines) if lines else ""


def _interval(figure: Interval, scale: float, unit: str, digits: int) -> str:
    mean, low, high = (
        f"{scale * value:.{digits}f}" for value in (figure["mean"], figure["low"], figure["high"])
    )
    return f"**{mean}{unit}** ({low} to {high})"
