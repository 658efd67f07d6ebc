"""The tab for one song: classifies it, shows the answer, and plays from where one clicks."""

import math
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, fields, replace
from pathlib import Path

import gradio as gr
from gradio.blocks import BlockContext
from gradio.components import Component

from songnet.errors import AudioError
from songnet.examples import EXAMPLES
from songnet.own_genres import OwnGenres
from songnet.similar import TrackIndex
from songnet.ui.analysis import Analyser, Analysis, Progress
from songnet.ui.events import IMMEDIATELY, NETWORK, Update
from songnet.ui.figures import cards, downloads, song_credits, spectrogram, strip, timeline
from songnet.ui.tabs import player
from songnet.words import clock

_OVER_TIME = (
    "<p class='sn-hint'>Click anywhere to play from there. Colours are genres, pale and hatched "
    "where SongNet is unsure; the grey lane is how much each moment counted.</p>"
)
_SPECTROGRAM = (
    "<p class='sn-hint'>128 mel bands, 128 moments in each 30 s, bright where it is loud; the "
    "network looks at the lower 96, up to 7.9 kHz. Click anywhere to play from there.</p>"
)
# What `song.js` says of the song that it has sent; the server keeps the genres.
_SENT = "() => [...window.songnet.sent, null]"

# Songs longer than this show a button that stops the work.
_LONG_S = 60.0
# While a song is classified, the page is refreshed this often: Gradio builds all outputs anew each
# time, which takes as long as two windows. The button that stops the work takes effect no sooner.
_REFRESH_S = 0.5


@dataclass(frozen=True)
class _Inputs:
    """The components by which a visitor gives a song; `song.js` presses the buttons.

    Attributes
    ----------
    song : gr.Audio
        Never in the page: it says of the event that it takes a song.
    recorded : gr.Checkbox
        Whether the song comes from the microphone.
    listen, drop, clear : gr.Button
        Never seen: to hear the song that was sent, to hear no more of the last one, and to go back
        to the beginning.
    """

    song: gr.Audio
    recorded: gr.Checkbox
    listen: gr.Button
    drop: gr.Button
    clear: gr.Button


@dataclass(frozen=True)
class _Figures:
    """The components with the song over time, and the buttons that save files."""

    plot: gr.Plot
    stretches: gr.HTML
    heat: gr.Plot
    json: gr.DownloadButton
    csv: gr.DownloadButton
    picture: gr.HTML


@dataclass(frozen=True)
class _Outputs:
    """The components that show the answer.

    Attributes
    ----------
    heard : gr.HTML
        The song's cover, title and artist.
    verdict : gr.HTML
        The answer, or a message in its place.
    ranking, results, file, neighbours : gr.Column or gr.Row
        Hidden while there is no answer: all genres, the figures, the file with its metadata, and
        the similar tracks.
    bars, metadata, similar : gr.HTML
        Their contents.
    figures : _Figures
    stop : gr.Button
    """

    heard: gr.HTML
    verdict: gr.HTML
    ranking: gr.Column
    bars: gr.HTML
    results: gr.Column
    figures: _Figures
    file: gr.Row
    metadata: gr.HTML
    neighbours: gr.Column
    similar: gr.HTML
    stop: gr.Button

    def components(self) -> list[Component | BlockContext]:
        """All components, in one list."""
        own = [getattr(self, field.name) for field in fields(self) if field.name != "figures"]
        return own + [getattr(self.figures, field.name) for field in fields(self.figures)]

    def without_answer(self, verdict: str) -> Update:
        """The update that shows a message in place of an answer.

        Parameters
        ----------
        verdict : str
            The message, as HTML.
        """
        return {
            self.verdict: verdict,
            self.ranking: gr.Column(visible=False),
            self.results: gr.Column(visible=False),
            self.file: gr.Row(visible=False),
            self.stop: gr.Button(visible=False),
        }

    def answer(self, analysis: Analysis, index: TrackIndex | None, genres: Iterable[str]) -> Update:
        """The update that shows the answer for a song.

        Parameters
        ----------
        analysis : Analysis
        index : TrackIndex or None
        genres : iterable of str
            The network's, which are those of the index, whatever genres the answer has.
        """
        prediction = analysis.prediction
        neighbours = index.nearest(prediction) if index else []
        known = index.recognise(prediction) if index else None
        whose = [index.whose] if index else []
        json: dict[str, object] = {**prediction.to_json()}
        if index:
            json["similar"] = [neighbour.to_json() for neighbour in neighbours]
        return self._drawn(analysis, json) | {
            self.heard: strip.heard(prediction, analysis.cover, known),
            self.verdict: cards.verdict(prediction),
            self.ranking: gr.Column(visible=True),
            self.bars: cards.bars(prediction),
            self.results: gr.Column(visible=True),
            self.file: gr.Row(visible=True),
            self.metadata: cards.metadata(prediction, analysis.info, known),
            self.neighbours: gr.Column(visible=bool(neighbours)),
            self.similar: cards.similar(neighbours, genres, *whose),
            self.stop: gr.Button(visible=False),
        }

    def _drawn(self, analysis: Analysis, json: dict[str, object]) -> Update:
        """The update of the figures and the downloads."""
        prediction, figures = analysis.prediction, self.figures
        stretches = timeline.stretch_list(prediction)
        name = f"{Path(prediction.file or 'song').stem}-songnet"
        json_text, csv_text = downloads.as_json(json), downloads.windows_csv(prediction)
        return {
            figures.plot: timeline.figure(analysis),
            figures.stretches: gr.HTML(stretches, visible=bool(stretches)),
            figures.heat: spectrogram.figure(analysis),
            figures.json: downloads.as_file(figures.json, f"{name}.json", json_text),
            figures.csv: downloads.as_file(figures.csv, f"{name}.csv", csv_text),
            figures.picture: downloads.picture_button(analysis),
        }


def build(
    analyser: Analyser, examples: list[Path], index: TrackIndex | None, own_genres: gr.State
) -> None:
    """Adds the tab's components and events to the page that is being built.

    Parameters
    ----------
    analyser : Analyser
    examples : list of Path
        One for each of `songnet.examples.EXAMPLES`.
    index : TrackIndex or None
    own_genres : gr.State
        The `OwnGenres` in which this visitor is answered, or None.
    """
    nothing_yet = cards.empty()
    with gr.Column(elem_id="song"):
        with gr.Row(elem_classes="sn-strip"):
            heard = gr.HTML(elem_id="heard", apply_default_css=False, min_width=0)
            gr.HTML(player.CONTROLS, apply_default_css=False, min_width=0)
        with gr.Row(elem_classes="sn-input"):
            with gr.Column(scale=7, min_width=300):
                gr.HTML(player.choice(analyser.limits.max_seconds), apply_default_css=False)
            with gr.Column(scale=4, min_width=260, elem_classes="sn-try"):
                _examples(examples)
        gr.HTML(player.ALWAYS, apply_default_css=False)
    inputs = _inputs()
    outputs = _outputs(heard, nothing_yet)
    listening = inputs.listen.click(
        _listener(analyser, index, outputs),
        [inputs.song, inputs.recorded, own_genres],
        outputs.components(),
        js=_SENT,
        show_progress_on=outputs.verdict,
        trigger_mode="multiple",
        api_visibility="private",
        **NETWORK,
    )
    # However it ended.
    listening.then(None, js="() => window.songnet.ended()", **IMMEDIATELY)
    inputs.drop.click(None, cancels=listening, **IMMEDIATELY)
    # Comes after the last update of the event that it stops.
    for button, message in (
        (outputs.stop, cards.notice("Stopped. Choose a song to go on.")),
        (inputs.clear, nothing_yet),
    ):
        button.click(None, cancels=listening, **IMMEDIATELY).then(
            lambda message=message: outputs.without_answer(message),
            outputs=outputs.components(),
            **IMMEDIATELY,
        )


def _inputs() -> _Inputs:
    return _Inputs(
        song=gr.Audio(type="filepath", visible=False),
        recorded=gr.Checkbox(visible=False),
        listen=gr.Button("Listen", visible="hidden", elem_id="listen"),
        drop=gr.Button("Drop", visible="hidden", elem_id="drop"),
        clear=gr.Button("Clear", visible="hidden", elem_id="clear"),
    )


def _examples(examples: list[Path]) -> None:
    """Songs for who has none at hand; `song.js` finds their files by the name of the component."""
    gr.HTML(song_credits.try_these(), apply_default_css=False)
    gr.File([str(path) for path in examples], visible=False, elem_id="example-files")
    for i, example in enumerate(EXAMPLES):
        gr.Button(f"{example.title}\n{example.description}", elem_classes="sn-example").click(
            None, js=f"() => window.songnet.hearExample({i})", **IMMEDIATELY
        )


def _outputs(heard: gr.HTML, nothing_yet: str) -> _Outputs:
    with gr.Row(elem_classes="sn-answer", equal_height=True):
        with gr.Column(scale=5, min_width=300):
            verdict = gr.HTML(nothing_yet, elem_id="verdict", apply_default_css=False)
        with gr.Column(scale=6, min_width=300, visible=False) as ranking:
            bars = gr.HTML(elem_id="bars", apply_default_css=False)
    stop = gr.Button("Stop listening", visible=False, elem_classes="sn-stop")
    with gr.Column(visible=False) as results:
        figures = _figures()
    with gr.Row(visible=False, equal_height=True) as file:
        with gr.Column(scale=5, min_width=300):
            metadata = gr.HTML(elem_id="metadata", apply_default_css=False)
        with gr.Column(scale=6, min_width=300, visible=False) as neighbours:
            similar = gr.HTML(elem_id="similar", apply_default_css=False)
    return _Outputs(
        heard=heard,
        verdict=verdict,
        ranking=ranking,
        bars=bars,
        results=results,
        figures=figures,
        file=file,
        metadata=metadata,
        neighbours=neighbours,
        similar=similar,
        stop=stop,
    )


def _figures() -> _Figures:
    with gr.Column(elem_classes="sn-card sn-over-time"):
        gr.HTML(player.TOOLS, apply_default_css=False)
        with gr.Tabs():
            with gr.Tab("Over time"):
                plot = _plot("timeline")
                stretches = gr.HTML(apply_default_css=False)
                gr.HTML(_OVER_TIME, apply_default_css=False)
            with gr.Tab("Spectrogram"):
                heat = _plot("spectrogram")
                gr.HTML(_SPECTROGRAM, apply_default_css=False)
    with gr.Row(elem_classes="sn-share"):
        json = gr.DownloadButton("Save JSON", elem_id="json", size="md", min_width=90)
        csv = gr.DownloadButton("Save CSV", elem_id="csv", size="md", min_width=90)
        picture = gr.HTML(elem_id="picture", apply_default_css=False, min_width=90)
    return _Figures(plot=plot, stretches=stretches, heat=heat, json=json, csv=csv, picture=picture)


def _plot(elem_id: str) -> gr.Plot:
    """A component for a figure over time: a click on it plays from there."""
    return gr.Plot(show_label=False, container=False, elem_id=elem_id, elem_classes="sn-seekable")


def _listener(
    analyser: Analyser, index: TrackIndex | None, outputs: _Outputs
) -> Callable[..., Iterator[Update]]:
    """The event handler that classifies a song, and shows its progress."""
    of_network = analyser.classifier.weights.config.genres

    def listen(
        path: str | None,
        was_recorded: bool,
        genres: OwnGenres | None = None,
        progress: gr.Progress = gr.Progress(),
    ) -> Iterator[Update]:
        if path is None:  # The page itself never asks so.
            return
        refreshed = -math.inf
        try:
            for step in analyser.with_genres(genres).analyse(path):
                if isinstance(step, Analysis):
                    step = _as_recording(step) if was_recorded else step
                    yield outputs.answer(step, index, of_network)
                    continue
                progress(*_progress(step))
                if time.monotonic() - refreshed >= _REFRESH_S:
                    refreshed = time.monotonic()
                    long = (step.duration_s or step.seconds) >= _LONG_S
                    # What an earlier answer has filled stays, unseen, and is filled anew.
                    yield {
                        outputs.verdict: cards.notice("Listening…"),
                        outputs.stop: gr.Button(visible=long),
                    }
        except AudioError as error:
            yield outputs.without_answer(cards.alert(str(error)))

    return listen


def _progress(progress: Progress) -> tuple[float | None, str]:
    """What `gr.Progress` shows: a fraction, None where the song's length is unknown, and a text."""
    if progress.duration_s is None:
        return None, f"Heard {clock(progress.seconds)}"
    text = f"Heard {clock(progress.seconds)} of {clock(progress.duration_s)}"
    return min(1.0, progress.seconds / progress.duration_s), text


def _as_recording(analysis: Analysis) -> Analysis:
    """The analysis with "Recording" for the file name, which the browser has made up."""
    return replace(analysis, prediction=replace(analysis.prediction, file="Recording"))
