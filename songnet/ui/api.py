"""The page's API: named endpoints for programs, with the same answers as the command line."""

from collections.abc import Callable, Sequence
from typing import Any

import gradio as gr
from anyio.to_thread import run_sync
from gradio.components import Component

from songnet.errors import AudioError
from songnet.prediction import AnswerJson, PredictionJson
from songnet.similar import TrackIndex
from songnet.ui.analysis import Analyser, request_end, too_many
from songnet.ui.events import NETWORK
from songnet.ui.figures.downloads import songs_csv
from songnet.ui.server import answers as told
from songnet.ui.server.turns import next_turn


def build(analyser: Analyser, index: TrackIndex | None, max_songs: int) -> None:
    """Adds the endpoints to the page that is being built, where they are not visible.

    Programs and assistants are shown the endpoints' docstrings. These have Gradio's form: a line
    for each parameter, and one for what is returned.
    """

    def classify(song: str | None) -> PredictionJson:
        """Says which genre a song is.

        Parameters:
            song: an audio file (WAV, FLAC, OGG, Opus, MP3, AIFF, M4A or WebM), 1 s to 30 min.

        Returns:
            JSON with genre, confidence, probabilities, windows, metadata, warnings and model.
        """
        if song is None:
            raise gr.Error(told.NO_SONG, print_exception=False)
        answer = analyser.classify(song)
        if "error" in answer:
            raise gr.Error(answer["error"], print_exception=False)
        return answer

    async def classify_batch(songs: list[str] | None) -> tuple[list[AnswerJson], str]:
        """Says of each of many songs which genre it is.

        Parameters:
            songs: audio files.

        Returns:
            JSON list in the order sent (a file that fails has an error, no genre); a CSV table.
        """
        if not songs:
            raise gr.Error(told.NO_SONGS, print_exception=False)
        if len(songs) > max_songs:
            raise gr.Error(too_many(max_songs), print_exception=False)
        answers: list[AnswerJson] = []
        until = request_end()
        for song in songs:
            if answers and not await next_turn():
                break
            answers.append(await run_sync(analyser.classify, song, until))
        return answers, songs_csv(answers, analyser.classifier.genres)

    def similar(song: str | None) -> list[dict[str, int | str | float]]:
        """Says which five tracks of the Free Music Archive sound most like a song.

        Parameters:
            song: an audio file (WAV, FLAC, OGG, Opus, MP3, AIFF, M4A or WebM), 1 s to 30 min.

        Returns:
            JSON list, the nearest first: track_id, artist, title, genre, similarity (to 1), url.
        """
        if song is None:
            raise gr.Error(told.NO_SONG, print_exception=False)
        if index is None:
            raise gr.Error("These weights come without an index of tracks.", print_exception=False)
        try:
            prediction = analyser.predict(song)
        except AudioError as error:
            raise gr.Error(str(error), print_exception=False) from error
        return [found.to_json() for found in index.nearest(prediction)]

    with gr.Column(visible=False):
        _offer(classify, gr.Audio(type="filepath", label="Song"), [gr.JSON(label="Prediction")])
        _offer(similar, gr.Audio(type="filepath", label="Song"), [gr.JSON(label="Tracks")])
        _offer(
            classify_batch,
            gr.File(file_count="multiple", label="Songs"),
            [gr.JSON(label="Predictions"), gr.Textbox(label="CSV")],
        )


def _offer(endpoint: Callable[..., Any], takes: Component, gives: Sequence[Component]) -> None:
    """Adds a function to the API under its own name."""
    gr.Button().click(endpoint, takes, gives, api_name=endpoint.__name__, **NETWORK)
