"""The tab for many songs: an overview and rows that fill as files finish, and its downloads."""

import os
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import gradio as gr
from anyio.to_thread import run_sync

from songnet.names import shown_name
from songnet.own_genres import OwnGenres
from songnet.prediction import AnswerJson
from songnet.ui.analysis import Analyser, request_end, too_many
from songnet.ui.events import IMMEDIATELY, NETWORK, Update
from songnet.ui.figures import cards, downloads, many_songs
from songnet.ui.server.turns import next_turn

_EMPTY = cards.notice("Choose songs, as many as you like: each is heard and becomes a row.")
_M3U = '<button type="button" class="sn-m3u">Save M3U</button>'


@dataclass(frozen=True)
class HeardSong:
    """A song of this visitor's, and its answer.

    Attributes
    ----------
    path : str
        On the server.
    size : int [bytes]
    genres : str
        In which genres the answer is: a digest of own ones, empty for the network's.
    answer : AnswerJson
    """

    path: str
    size: int
    genres: str
    answer: AnswerJson


@dataclass(frozen=True)
class _Outputs:
    """The components that show the results.

    Attributes
    ----------
    stop, rest, again : gr.Button
        What ends the hearing, goes on with what was not heard, and hears all anew.
    status : gr.HTML
        One sentence, or how far the hearing is.
    heard : gr.State
        A tuple of HeardSong.
    left : gr.State
        How many songs are still to hear.
    rows : gr.HTML
        The answers for the page's script.
    results : gr.Column
        The downloads, hidden while there is no answer.
    csv, json : gr.DownloadButton
    """

    stop: gr.Button
    rest: gr.Button
    again: gr.Button
    status: gr.HTML
    heard: gr.State
    left: gr.State
    rows: gr.HTML
    results: gr.Column
    csv: gr.DownloadButton
    json: gr.DownloadButton

    def components(self) -> list[Any]:
        """All components, in one list."""
        return [getattr(self, name) for name in self.__dataclass_fields__]

    def started(self) -> Update:
        """The update before the first answer."""
        return {
            self.csv: gr.DownloadButton(interactive=False),
            self.json: gr.DownloadButton(interactive=False),
            self.rest: gr.Button(visible=False),
            self.again: gr.Button(visible=False),
            self.stop: gr.Button(visible=True),
        }

    def filled(self, heard: tuple[HeardSong, ...], of: int, name: str) -> Update:
        """The update that shows the answers so far, and which song is heard now."""
        return {
            self.status: many_songs.progress(len(heard), of, name),
            self.heard: heard,
            self.left: of - len(heard),
            self.rows: _data(heard),
        }

    def ended(self, heard: tuple[HeardSong, ...], left: int, genres: tuple[str, ...]) -> Update:
        """The update after the last answer, with files to save; ``left`` songs have none."""
        if not heard and not left:
            return self.cleared()
        answers = [song.answer for song in heard]
        csv = downloads.write(self.csv, "songnet.csv", downloads.songs_csv(answers, genres))
        json = downloads.write(self.json, "songnet.json", downloads.as_json(answers))
        return {
            self.rows: _data(heard, csv=csv, json=json),
            self.results: gr.Column(visible=bool(heard)),
            self.status: cards.notice(many_songs.summary(answers, left)),
            self.csv: downloads.offer(csv),
            self.json: downloads.offer(json),
            self.rest: gr.Button(visible=left > 0),
            self.again: gr.Button(visible=bool(heard)),
            self.stop: gr.Button(visible=False),
        }

    def cleared(self) -> Update:
        """The update that takes all answers away."""
        return {
            self.heard: (),
            self.left: 0,
            self.rows: _data(()),
            self.results: gr.Column(visible=False),
            self.status: _EMPTY,
            self.rest: gr.Button(visible=False),
            self.again: gr.Button(visible=False),
            self.stop: gr.Button(visible=False),
        }


def build(analyser: Analyser, max_songs: int, own_genres: gr.State) -> None:
    """Adds the tab's components and events to the page that is being built.

    Parameters
    ----------
    analyser : Analyser
    max_songs : int > 0
        Most songs in one request.
    own_genres : gr.State
        The `OwnGenres` in which this visitor is answered, or None.
    """
    files = gr.File(label="Your songs", file_count="multiple", height=150, elem_id="songs")
    shown = _outputs(analyser.classifier.weights.sha256)
    inputs = [files, own_genres, shown.heard]

    def ended(heard: tuple[HeardSong, ...], left: int) -> Update:
        genres = _genres(heard) or analyser.classifier.genres
        return shown.ended(heard, left, genres)

    results = [shown.heard, shown.left]
    listenings: list[Any] = [
        gr.on(
            triggers,
            _listener(analyser, shown, anew),
            inputs,
            shown.components(),
            show_progress_on=shown.status,
            validator=_validator(max_songs),
            # Songs that come while others are heard have their turn after them.
            trigger_mode="always_last",
            api_visibility="private",
            **NETWORK,
        )
        for triggers, anew in (
            ([files.upload, shown.rest.click], False),
            ([shown.again.click], True),
        )
    ]
    for listening in listenings:
        listening.success(ended, results, shown.components(), **IMMEDIATELY)
    shown.stop.click(None, cancels=listenings, **IMMEDIATELY).then(
        ended, results, shown.components(), **IMMEDIATELY
    )
    files.clear(shown.cleared, None, shown.components(), cancels=listenings, **IMMEDIATELY)

    def without_removed(paths: list[str] | None, heard: tuple[HeardSong, ...]) -> Update:
        kept = {*(paths or ())}
        still = tuple(song for song in heard if song.path in kept)
        left = len(kept) - len(still)
        return {**ended(still, left), shown.heard: still, shown.left: left}

    files.delete(
        without_removed,
        [files, shown.heard],
        shown.components(),
        cancels=listenings,
        **IMMEDIATELY,
    )


def _genres(heard: tuple[HeardSong, ...]) -> tuple[str, ...] | None:
    """The genres of answers; None where no song has one. Others may be in use by now."""
    answers = (song.answer for song in heard)
    found = (tuple(answer["probabilities"]) for answer in answers if "error" not in answer)
    return next(found, None)


def _outputs(weights: str) -> _Outputs:
    status = gr.HTML(_EMPTY, elem_id="status", apply_default_css=False)
    with gr.Row(elem_classes="sn-buttons"):
        stop = gr.Button("Stop", visible=False, elem_id="stop-batch")
        rest = gr.Button("Hear the rest", visible=False, elem_id="rest")
        again = gr.Button("Hear all again", visible=False, elem_id="again")
    gr.HTML(many_songs.place(weights), elem_id="answers", apply_default_css=False)
    rows = gr.HTML(_data(()), elem_id="answers-data", apply_default_css=False)
    with gr.Column(visible=False) as results, gr.Row(elem_classes="sn-buttons sn-downloads"):
        csv = gr.DownloadButton("Save CSV", interactive=False, elem_id="batch-csv")
        json = gr.DownloadButton("Save JSON", interactive=False, elem_id="batch-json")
        gr.HTML(_M3U, elem_id="batch-m3u", apply_default_css=False, min_width=150)
    return _Outputs(
        stop=stop,
        rest=rest,
        again=again,
        status=status,
        heard=gr.State(()),
        left=gr.State(0),
        rows=rows,
        results=results,
        csv=csv,
        json=json,
    )


def _data(heard: tuple[HeardSong, ...], **files: str | None) -> str:
    """The answers for the page's script, with the paths of the files that have been written."""
    rows = [many_songs.row(song.answer, song.size) for song in heard]
    written = {kind: path for kind, path in files.items() if path is not None}
    return many_songs.data(rows, written if rows else {})


def _listener(
    analyser: Analyser, shown: _Outputs, anew: bool
) -> Callable[..., AsyncIterator[Update]]:
    """The event handler that classifies songs in order, and shows each answer as it comes.

    Parameters
    ----------
    analyser : Analyser
    shown : _Outputs
    anew : bool
        Whether songs are heard again whose answers are there.
    """

    async def listen(
        paths: list[str], genres: OwnGenres | None, known: tuple[HeardSong, ...]
    ) -> AsyncIterator[Update]:
        asked = analyser.with_genres(genres)
        digest = "" if genres is None else genres.digest
        there = {} if anew else {song.path: song for song in known if song.genres == digest}
        # A song that was given twice has one path: it is of the file's name and content.
        paths = list(dict.fromkeys(paths))
        heard = tuple(there[path] for path in paths if path in there)
        waiting = [path for path in paths if path not in there]
        yield shown.started()
        until = request_end()
        for i, path in enumerate(waiting):
            yield shown.filled(heard, len(paths), shown_name(path))
            if i and not await next_turn():
                return
            answer = await run_sync(asked.classify, path, until)
            heard = (*heard, HeardSong(path, _size(path), digest, answer))
        yield shown.filled(heard, len(paths), "")

    return listen


def _size(path: str) -> int:
    """A file's size in bytes; 0 if it is gone."""
    with suppress(OSError):
        return os.path.getsize(path)
    return 0


def _validator(max_songs: int) -> Callable[..., list[dict[str, Any]]]:
    """The function that checks the chosen files before the event runs."""

    def validated(paths: list[str] | None, *others: object) -> list[dict[str, Any]]:
        """What is to be said of each input."""
        checked = (
            gr.validate(len(paths) <= max_songs, too_many(max_songs))
            if paths
            else gr.validate(False, "Choose at least one file first.")
        )
        return [checked, *(gr.validate(True, "") for _ in others)]

    return validated
