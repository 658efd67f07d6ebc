"""The tab for one song: takes it, classifies it, and shows how far that is."""

import math
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import gradio as gr

from songnet.errors import AudioError
from songnet.examples import EXAMPLES
from songnet.own_genres import OwnGenres
from songnet.similar import TrackIndex
from songnet.ui.analysis import Analyser, Analysis, Progress
from songnet.ui.events import IMMEDIATELY, NETWORK, Update
from songnet.ui.figures import cards, song_credits
from songnet.ui.tabs import player
from songnet.ui.tabs.song_answer import SongAnswer
from songnet.words import clock

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
    outputs = SongAnswer.build(heard, nothing_yet)
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


def _listener(
    analyser: Analyser, index: TrackIndex | None, outputs: SongAnswer
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
