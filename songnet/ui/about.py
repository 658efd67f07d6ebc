"""The tab that says what SongNet can and cannot do, how well, and with which weights."""

import json

import gradio as gr

from songnet.artifacts import EMBEDDED, Weights

_CAN = """
## What it does
SongNet hears a song in windows of 30 s, 15 s apart, and says for each how probable 8 genres are:
Electronic, Experimental, Folk, Hip-Hop, Instrumental, International, Pop and Rock. A song's answer
is the mean of its windows. The line over the waveform is the network's attention: how much each
moment counted.

## What it cannot do
- It knows these 8 genres and no other. Jazz, classical music or a lecture get the nearest of the 8,
  or "not sure".
- It learned from 6,394 clips of independent artists in the Free Music Archive, and from their
  labels. Chart music, and music from places that the archive hardly knows, is new to it.
- "Instrumental", "International" and "Experimental" are what an archive calls music, not how it
  sounds.
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
`/classify_batch` takes several files and gives a list and the text of a CSV table.
"""


def build(weights: Weights) -> None:
    """Adds the tab's text to the page that is being built.

    Parameters
    ----------
    weights : Weights
        Those in use.
    """
    with gr.Column(elem_classes="sn-card sn-about"):
        gr.Markdown(_CAN)
        gr.Markdown(figures(weights))
        gr.Markdown(weights_in_use(weights))
        gr.Markdown(_API)


def weights_in_use(weights: Weights) -> str:
    """Version, source and SHA-256 of the weights, as Markdown."""
    return (
        "## The weights in use\n"
        f"- Version {weights.config['version']}, {len(weights.tflite) / 1000:,.0f} kB\n"
        f"- Source: {weights.source}\n"
        f"- SHA-256: `{weights.sha256}`\n"
    )


def figures(weights: Weights) -> str:
    """How good the network is, as Markdown: what `artifacts/metrics.json` says of this version."""
    title = "## How good it is\n"
    try:
        metrics = json.loads((EMBEDDED / "metrics.json").read_text(encoding="utf-8"))
        protocol = metrics["protocols"]["official"]
        songnet = protocol["models"]["songnet"]
        if metrics["version"] != weights.config["version"]:
            return title + "There are no figures for this version of the weights."
        rows = [
            ("Accuracy", _interval(songnet["accuracy"], 100, " %", 1)),
            ("Macro-F1", _interval(songnet["macro_f1"], 100, " %", 1)),
            ("Log loss", _interval(songnet["log_loss"], 1, "", 3)),
            ("Calibration error (ECE)", _interval(songnet["ece"], 1, "", 3)),
        ]
        recall = sorted(songnet["recall"].items(), key=lambda item: -item[1])
    except (OSError, ValueError, KeyError, TypeError):
        return title + "No figures come with these weights."
    table = "".join(f"| {name} | {value} |\n" for name, value in rows)
    genres = ", ".join(f"{genre} {100 * share:.0f} %" for genre, share in recall)
    return (
        f"{title}Measured on the {protocol['clips']} {protocol['split']} clips of FMA-small's "
        f"official split, by {protocol['artists']} artists of whom none was heard in training. The "
        "intervals (95 %) resample artists. A guess is right in 12.5 % of cases.\n\n"
        f"| Figure | Mean (interval) |\n|---|---|\n{table}\n"
        f"Of each genre's clips, found: {genres}.\n"
    )


def _interval(figure: dict, scale: float, unit: str, digits: int) -> str:
    mean, low, high = (f"{scale * figure[key]:.{digits}f}" for key in ("mean", "low", "high"))
    return f"**{mean}{unit}** ({low} to {high})"
