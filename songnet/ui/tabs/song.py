"""The tab for one song: listen, show, and play from where the visitor clicks."""

import math
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import gradio as gr

from songnet.errors import AudioError
from songnet.examples import EXAMPLES
from songnet.similar import TrackIndex
from songnet.ui.analysis import Analyser, Analysis, Progress
from songnet.ui.figures import cards, downloads, spectrogram, timeline

_TRY = "<h2>No song at hand?</h2><p>These three were composed by a program.</p>"
_OVER_TIME = (
    "<p class='sn-hint'>Click anywhere to play from there. Colours are genres; the line is how "
    "much each moment counted.</p>"
)
_SPECTROGRAM = (
    "<p class='sn-hint'>All that the network is given: 128 mel bands, 128 moments in each 30 s, "
    "bright where it is loud. Click anywhere to play from there.</p>"
)

# Songs longer than this show a button that stops the work.
_LONG_S = 60.0
# While it is heard, the page is seen to this often: Gradio builds all outputs anew each time, which
# takes as long as two windows. The button that stops the work takes effect no sooner.
_REFRESH_S = 0.5


def build(analyser: Analyser, examples: list[Path], index: TrackIndex | None) -> gr.Audio:
    """Adds the tab's components and events to the page that is being built.

    Parameters
    ----------
    analyser : Analyser
    examples : list of Path
        One for each of `songnet.examples.EXAMPLES`.
    index : TrackIndex or None

    Returns
    -------
    gr.Audio
        The component that holds the song.
    """
    nothing_yet = cards.empty(analyser.limits.max_seconds)
    with gr.Row(elem_classes="sn-input"):
        with gr.Column(scale=7, min_width=300):
            song = gr.Audio(
                label="Your song",
                sources=["upload", "microphone"],
                type="filepath",
                editable=False,
                buttons=[],
                waveform_options=gr.WaveformOptions(show_recording_waveform=False),
                elem_id="song",
            )
        with gr.Column(scale=4, min_width=260, elem_classes="sn-try"):
            gr.HTML(_TRY, apply_default_css=False)
            tried = [
                gr.Button(f"{example.title}\n{example.description}", elem_classes="sn-example")
                for example in EXAMPLES
            ]
    recorded = gr.State(False)
    with gr.Row(elem_classes="sn-answer", equal_height=True):
        with gr.Column(scale=5, min_width=300):
            verdict = gr.HTML(nothing_yet, elem_id="verdict", apply_default_css=False)
        with gr.Column(scale=6, min_width=300, visible=False) as beside:
            bars = gr.HTML(elem_id="bars", apply_default_css=False)
    stop = gr.Button("Stop listening", visible=False, elem_classes="sn-stop")
    with gr.Column(visible=False) as results:
        with gr.Column(elem_classes="sn-card sn-over-time"), gr.Tabs():
            with gr.Tab("Over time"):
                gr.HTML(_OVER_TIME, apply_default_css=False)
                plot = gr.Plot(
                    show_label=False,
                    container=False,
                    elem_id="timeline",
                    elem_classes="sn-seekable",
                )
                stretches = gr.HTML(apply_default_css=False)
            with gr.Tab("Spectrogram"):
                gr.HTML(_SPECTROGRAM, apply_default_css=False)
                heat = gr.Plot(
                    show_label=False,
                    container=False,
                    elem_id="spectrogram",
                    elem_classes="sn-seekable",
                )
        with gr.Row(elem_classes="sn-share"):
            json = gr.DownloadButton("Save JSON", elem_id="json", size="md", min_width=90)
            csv = gr.DownloadButton("Save CSV", elem_id="csv", size="md", min_width=90)
            picture = gr.HTML(elem_id="picture", apply_default_css=False, min_width=90)
    with gr.Row(visible=False, equal_height=True) as about_it:
        with gr.Column(scale=5, min_width=300):
            metadata = gr.HTML(elem_id="metadata", apply_default_css=False)
        with gr.Column(scale=6, min_width=300, visible=False) as alike:
            similar = gr.HTML(elem_id="similar", apply_default_css=False)

    downloaded = [json, csv, picture]
    figures = [plot, stretches, heat]
    shown = [
        verdict,
        beside,
        bars,
        results,
        *figures,
        *downloaded,
        about_it,
        metadata,
        alike,
        similar,
        stop,
    ]

    def listen(
        path: str | None, was_recorded: bool, progress: gr.Progress = gr.Progress()
    ) -> Iterator[dict]:
        if path is None:
            yield {**_hidden(), verdict: nothing_yet}
            return
        refreshed = -math.inf
        try:
            for step in analyser.analyse(path):
                if isinstance(step, Analysis):
                    yield shown_for(_as_recording(step) if was_recorded else step)
                    continue
                progress(*_progress(step))
                if time.monotonic() - refreshed >= _REFRESH_S:
                    refreshed = time.monotonic()
                    long = (step.of or step.seconds) >= _LONG_S
                    yield {
                        **_hidden(),
                        verdict: cards.notice("Listening…"),
                        stop: gr.Button(visible=long),
                    }
        except AudioError as error:
            yield {**_hidden(), verdict: cards.alert(str(error))}

    def shown_for(analysis: Analysis) -> dict:
        prediction = analysis.prediction
        neighbours = index.nearest(prediction) if index else []
        known = index.recognise(prediction) if index else None
        answer: dict[str, object] = {**prediction.to_json()}
        if index:
            answer["similar"] = [neighbour.to_json() for neighbour in neighbours]
        stretch_list = timeline.stretch_list(prediction)
        name = f"{Path(prediction.file).stem}-songnet"
        return {
            verdict: cards.verdict(prediction),
            beside: gr.Column(visible=True),
            bars: cards.bars(prediction),
            results: gr.Column(visible=True),
            plot: timeline.figure(analysis),
            stretches: gr.HTML(stretch_list, visible=bool(stretch_list)),
            heat: spectrogram.figure(analysis),
            json: downloads.as_file(json, f"{name}.json", downloads.as_json(answer)),
            csv: downloads.as_file(csv, f"{name}.csv", downloads.windows_csv(prediction)),
            picture: downloads.picture_button(analysis),
            about_it: gr.Row(visible=True),
            metadata: cards.metadata(prediction, analysis.info, analysis.cover, known),
            alike: gr.Column(visible=bool(neighbours)),
            similar: cards.similar(neighbours, prediction.probabilities),
            stop: gr.Button(visible=False),
        }

    def _hidden() -> dict:
        return {
            beside: gr.Column(visible=False),
            results: gr.Column(visible=False),
            about_it: gr.Row(visible=False),
            stop: gr.Button(visible=False),
        }

    listening = song.change(
        listen,
        [song, recorded],
        shown,
        show_progress_on=verdict,
        concurrency_id="network",
        concurrency_limit=2,
        api_visibility="private",
    )
    immediately = {"api_visibility": "private", "queue": False}
    # What the work still had to say comes before this.
    stop.click(None, cancels=listening, **immediately).then(
        lambda: {**_hidden(), verdict: cards.notice("Stopped. Choose a song to go on.")},
        outputs=shown,
        **immediately,
    )
    song.start_recording(lambda: True, outputs=recorded, **immediately)
    song.clear(lambda: False, outputs=recorded, **immediately)
    for button, path in zip(tried, examples, strict=True):
        button.click(lambda path=str(path): (path, False), outputs=[song, recorded], **immediately)
    return song


def _progress(heard: Progress) -> tuple[float | None, str]:
    """What `gr.Progress` shows: a bar where the song's length is known, and a text."""
    if heard.of is None:
        return None, f"Heard {cards.clock(heard.seconds)}"
    text = f"Heard {cards.clock(heard.seconds)} of {cards.clock(heard.of)}"
    return min(1.0, heard.seconds / heard.of), text


def _as_recording(analysis: Analysis) -> Analysis:
    """Under a name of its own: the browser invents a file's name for what it recorded."""
    return replace(analysis, prediction=replace(analysis.prediction, file="Recording"))
