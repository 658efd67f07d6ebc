"""The page's API: named endpoints for programs, with the same answers as the command line."""

from collections.abc import Callable, Sequence
from typing import Any

import gradio as gr
from anyio.to_thread import run_sync
from gradio.components import Component
from gradio.processing_utils import save_bytes_to_cache
from gradio.utils import get_upload_folder

from songnet.classifier import Classifier
from songnet.errors import AudioError, OwnGenresError, SongNetError
from songnet.own_genres import OwnGenres
from songnet.prediction import AnswerJson, PredictionJson
from songnet.similar import TrackIndex
from songnet.ui import teaching
from songnet.ui.analysis import Analyser, request_end, too_many
from songnet.ui.events import NETWORK
from songnet.ui.figures.downloads import songs_csv
from songnet.ui.server import answers as told
from songnet.ui.server import room
from songnet.ui.server.turns import next_turn
from songnet.ui.teaching import TaughtJson

# What the file of own genres is called where a program saves it.
_FILE = "own.genres"


def build(analyser: Analyser, index: TrackIndex | None, max_songs: int) -> None:
    """Adds the endpoints to the page that is being built, where they are not visible.

    Programs and assistants are shown the endpoints' docstrings. These have Gradio's form: a line
    for each parameter, and one for what is returned.
    """
    with gr.Column(visible=False):
        _offer(
            _classify(analyser),
            [gr.Audio(type="filepath", label="Song"), gr.File(label="Own genres")],
            [gr.JSON(label="Prediction")],
        )
        _offer(
            _similar(analyser, index),
            [gr.Audio(type="filepath", label="Song")],
            [gr.JSON(label="Tracks")],
        )
        _offer(
            _classify_batch(analyser, max_songs),
            [gr.File(file_count="multiple", label="Songs"), gr.File(label="Own genres")],
            [gr.JSON(label="Predictions"), gr.Textbox(label="CSV")],
        )
        _offer(
            _teach(analyser, max_songs),
            [gr.File(file_count="multiple", label="Songs"), _names(), gr.File(label="Own genres")],
            [gr.File(label="Own genres"), gr.JSON(label="What was learned")],
        )


def _names() -> gr.JSON:
    """A component that takes a list of texts, and is described so; Gradio has none."""
    names = gr.JSON(label="Genres")
    names.api_info = lambda: {"type": "array", "items": {"type": "string"}}
    names.example_payload = lambda: ["Dub", "Dub", "Dub", "Folk", "Folk", "Folk"]
    return names


def _offer(
    endpoint: Callable[..., Any], takes: Sequence[Component], gives: Sequence[Component]
) -> None:
    """Adds a function to the API under its own name."""
    gr.Button().click(endpoint, takes, gives, api_name=endpoint.__name__, **NETWORK)


def _classify(analyser: Analyser) -> Callable[..., PredictionJson]:
    def classify(song: str | None, own_genres: str | None = None) -> PredictionJson:
        """Says which genre a song is.

        Parameters:
            song: an audio file (WAV, FLAC, OGG, Opus, MP3, AIFF, M4A or WebM), 1 s to 30 min.
            own_genres: the file that teach gave: the answer is in its genres.

        Returns:
            JSON with genre, confidence, probabilities, windows, metadata, warnings, model, and
            verdict, sections and moments: how the song changes, and what told it.
        """
        if song is None:
            raise gr.Error(told.NO_SONG, print_exception=False)
        answer = _in_genres(analyser, own_genres).classify(song)
        if "error" in answer:
            raise gr.Error(answer["error"], print_exception=False)
        return answer

    return classify


def _classify_batch(analyser: Analyser, max_songs: int) -> Callable[..., Any]:
    async def classify_batch(
        songs: list[str] | None, own_genres: str | None = None
    ) -> tuple[list[AnswerJson], str]:
        """Says of each of many songs which genre it is.

        Parameters:
            songs: audio files.
            own_genres: the file that teach gave: the answers are in its genres.

        Returns:
            JSON list in the order sent (a file that fails has an error, no genre); a CSV table.
        """
        sent = _checked(songs, max_songs)
        chosen = await run_sync(_in_genres, analyser, own_genres)
        answers: list[AnswerJson] = []
        until = request_end()
        for song in sent:
            if answers and not await next_turn():
                break
            answers.append(await run_sync(chosen.classify, song, until))
        return answers, songs_csv(answers, chosen.classifier.genres)

    return classify_batch


def _similar(analyser: Analyser, index: TrackIndex | None) -> Callable[..., Any]:
    def similar(song: str | None) -> list[dict[str, int | str | float]]:
        """Says which five tracks (of the Free Music Archive or a library) sound most like a song.

        Parameters:
            song: an audio file (WAV, FLAC, OGG, Opus, MP3, AIFF, M4A or WebM), 1 s to 30 min.

        Returns:
            JSON list, the nearest first: track_id, artist, title, genre, similarity (to 1), url
            (empty for a library's), closeness in words.
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

    return similar


def _teach(analyser: Analyser, max_songs: int) -> Callable[..., Any]:
    async def teach(
        songs: list[str] | None, genres: list[str] | None, own_genres: str | None = None
    ) -> tuple[str, TaughtJson]:
        """Learns genres of your own from a few songs each, for classify to answer in.

        Parameters:
            songs: audio files, 3 or more of each genre, 2 to 200 genres.
            genres: the genre of each song, as a list in the order of the songs.
            own_genres: a file that teach gave before: these songs and genres are added to it.

        Returns:
            the file of the genres; JSON with genres (how many songs each has), held_out (how many
            songs were recognised that were left out in turn), left_out, remarks and own_genres.
        """
        sent, weights = _checked(songs, max_songs), analyser.classifier.weights
        try:
            known = await run_sync(_loaded, own_genres, analyser.classifier)
            named = teaching.named_genres(genres or (), len(sent), known)
            pairs = list(zip(named, sent, strict=True))
            *_, lesson = [lesson async for lesson in teaching.hear(analyser, pairs, known)]
            taught = await run_sync(teaching.learn, lesson, weights, known)
        except SongNetError as error:
            raise gr.Error(str(error), print_exception=False) from error
        return await run_sync(_saved, taught.genres), taught.to_json()

    return teach


def _checked(songs: list[str] | None, max_songs: int) -> list[str]:
    """The songs of a request, if there are some and not too many."""
    if not songs:
        raise gr.Error(told.NO_SONGS, print_exception=False)
    if len(songs) > max_songs:
        raise gr.Error(too_many(max_songs), print_exception=False)
    return songs


def _in_genres(analyser: Analyser, own_genres: str | None) -> Analyser:
    """The analyser that answers in the genres of a visitor's file, or in the network's."""
    try:
        return analyser.with_genres(_loaded(own_genres, analyser.classifier))
    except OwnGenresError as error:
        raise gr.Error(str(error), print_exception=False) from error


def _loaded(own_genres: str | None, classifier: Classifier) -> OwnGenres | None:
    return None if own_genres is None else teaching.load(own_genres, classifier)


def _saved(genres: OwnGenres) -> str:
    """Writes a file for the visitor to fetch, in the cache that `delete_cache` empties."""
    content, folder = genres.to_bytes(), get_upload_folder()
    try:
        room.ROOM.check(folder, len(content), files=2)
        return save_bytes_to_cache(content, _FILE, folder)
    except (OSError, room.NoRoomError) as error:
        raise gr.Error(room.NO_ROOM, print_exception=False) from error
