"""The answer to one song: the components that show it, and their updates."""

from collections.abc import Iterable
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Self

import gradio as gr
from gradio.blocks import BlockContext
from gradio.components import Component

from songnet.similar import TrackIndex
from songnet.ui.analysis import Analysis
from songnet.ui.events import Update
from songnet.ui.figures import cards, downloads, spectrogram, strip, timeline
from songnet.ui.tabs import player

_OVER_TIME = (
    "<p class='sn-hint'>Click anywhere to play from there. Colours are genres, pale and hatched "
    "where SongNet is unsure; the grey lane is how much each moment counted.</p>"
)
_SPECTROGRAM = (
    "<p class='sn-hint'>128 mel bands, 128 moments in each 30 s, bright where it is loud; the "
    "network looks at the lower 96, up to 7.9 kHz. Click anywhere to play from there.</p>"
)


@dataclass(frozen=True)
class Figures:
    """The components with the song over time, and the buttons that save files."""

    plot: gr.Plot
    stretches: gr.HTML
    heat: gr.Plot
    json: gr.DownloadButton
    csv: gr.DownloadButton
    picture: gr.HTML

    @classmethod
    def build(cls) -> Self:
        """Adds the components to the page that is being built."""
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
        return cls(plot=plot, stretches=stretches, heat=heat, json=json, csv=csv, picture=picture)


@dataclass(frozen=True)
class SongAnswer:
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
    figures : Figures
    stop : gr.Button
    """

    heard: gr.HTML
    verdict: gr.HTML
    ranking: gr.Column
    bars: gr.HTML
    results: gr.Column
    figures: Figures
    file: gr.Row
    metadata: gr.HTML
    neighbours: gr.Column
    similar: gr.HTML
    stop: gr.Button

    @classmethod
    def build(cls, heard: gr.HTML, message: str) -> Self:
        """Adds the components to the page that is being built.

        Parameters
        ----------
        heard : gr.HTML
            Of the strip above, which is there already.
        message : str
            What stands in the answer's place until there is one, as HTML.
        """
        with gr.Row(elem_classes="sn-answer", equal_height=True):
            with gr.Column(scale=5, min_width=300):
                verdict = gr.HTML(message, elem_id="verdict", apply_default_css=False)
            with gr.Column(scale=6, min_width=300, visible=False) as ranking:
                bars = gr.HTML(elem_id="bars", apply_default_css=False)
        stop = gr.Button("Stop listening", visible=False, elem_classes="sn-stop")
        with gr.Column(visible=False) as results:
            figures = Figures.build()
        with gr.Row(visible=False, equal_height=True) as file:
            with gr.Column(scale=5, min_width=300):
                metadata = gr.HTML(elem_id="metadata", apply_default_css=False)
            with gr.Column(scale=6, min_width=300, visible=False) as neighbours:
                similar = gr.HTML(elem_id="similar", apply_default_css=False)
        return cls(
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
        whose, bars = [index.whose] if index else [], cards.bars(prediction)
        json: dict[str, object] = {**prediction.to_json()}
        if index:
            json["similar"] = [neighbour.to_json() for neighbour in neighbours]
        return self._drawn(analysis, json) | {
            self.heard: strip.heard(prediction, analysis.cover, known),
            self.verdict: cards.verdict(prediction),
            self.ranking: gr.Column(visible=bool(bars)),
            self.bars: bars,
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


def _plot(elem_id: str) -> gr.Plot:
    """A component for a figure over time: a click on it plays from there."""
    return gr.Plot(show_label=False, container=False, elem_id=elem_id, elem_classes="sn-seekable")
