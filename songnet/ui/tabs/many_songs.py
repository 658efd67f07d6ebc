"""The tab for many songs: a table that fills as files finish, and its downloads."""

from collections.abc import AsyncIterator, Callable, Iterable
from dataclasses import dataclass
from typing import Any, cast

import gradio as gr
from anyio.to_thread import run_sync

from songnet.own_genres import OwnGenres
from songnet.prediction import AnswerJson, PredictionJson
from songnet.table import Cell
from songnet.ui.analysis import Analyser, request_end, too_many
from songnet.ui.events import IMMEDIATELY, NETWORK, Update
from songnet.ui.figures import cards, downloads
from songnet.ui.server.turns import next_turn
from songnet.words import percentages

_HEADERS = ["File", "Genre", "Confidence (%)", "Runner-up", "Artist", "Title", "Error or warning"]
_EMPTY = cards.notice("Each song becomes a row of a table, to be sorted and saved.")


@dataclass(frozen=True)
class _Outputs:
    """The components that show the results.

    Attributes
    ----------
    stop : gr.Button
    status : gr.HTML
        One sentence.
    answers : gr.State
        A list of AnswerJson.
    results : gr.Column
        The table and the downloads, hidden while there is no answer.
    table : gr.Dataframe
    csv, json : gr.DownloadButton
    """

    stop: gr.Button
    status: gr.HTML
    answers: gr.State
    results: gr.Column
    table: gr.Dataframe
    csv: gr.DownloadButton
    json: gr.DownloadButton

    def started(self) -> Update:
        """The update before the first answer."""
        return {
            self.csv: gr.DownloadButton(interactive=False),
            self.json: gr.DownloadButton(interactive=False),
            self.answers: [],
            self.results: gr.Column(visible=False),
            self.status: cards.notice("Listening…"),
            self.stop: gr.Button(visible=True),
        }

    def filled(self, answers: list[AnswerJson]) -> Update:
        """The update that shows the answers so far."""
        return {
            self.answers: answers,
            self.table: [row(answer) for answer in answers],
            self.results: gr.Column(visible=True),
        }

    def ended(self, answers: list[AnswerJson], genres: tuple[str, ...]) -> Update:
        """The update after the last answer, with files to save."""
        csv, json = downloads.songs_csv(answers, genres), downloads.as_json(answers)
        return {
            # The whole table again: when answers come fast, Gradio's table misses some.
            self.table: [row(answer) for answer in answers],
            self.status: cards.notice(_summary(answers)),
            self.csv: downloads.as_file(self.csv, "songnet.csv", csv),
            self.json: downloads.as_file(self.json, "songnet.json", json),
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
    files = gr.File(label="Your songs", file_count="multiple", height=190, elem_id="songs")
    with gr.Row(elem_classes="sn-buttons"):
        start = gr.Button("Classify all", variant="primary", elem_id="start")
        stop = gr.Button("Stop", visible=False, elem_id="stop-batch")
    shown = _outputs(stop)
    at_the_end = [shown.table, shown.status, shown.csv, shown.json, shown.stop]
    listening = start.click(
        _listener(analyser, shown),
        [files, own_genres],
        [*at_the_end, shown.answers, shown.results],
        show_progress_on=shown.status,
        validator=_validator(max_songs),
        api_visibility="private",
        **NETWORK,
    )

    def ended(answers: list[AnswerJson]) -> Update:
        return shown.ended(answers, _genres(answers) or analyser.classifier.genres)

    listening.success(ended, shown.answers, at_the_end, **IMMEDIATELY)
    stop.click(None, cancels=listening, **IMMEDIATELY).then(
        ended, shown.answers, at_the_end, **IMMEDIATELY
    )


def _genres(answers: list[AnswerJson]) -> tuple[str, ...] | None:
    """The genres of answers; None where no song has one. Others may be in use by now."""
    found = (tuple(answer["probabilities"]) for answer in answers if "error" not in answer)
    return next(found, None)


def _outputs(stop: gr.Button) -> _Outputs:
    status = gr.HTML(_EMPTY, elem_id="status", apply_default_css=False)
    answers = gr.State([])
    with gr.Column(visible=False) as results:
        table = gr.Dataframe(
            headers=_HEADERS,
            datatype=["str", "str", "number", "str", "str", "str", "str"],
            interactive=False,
            label="Answers",
            max_height=560,
            # They sum to the width of the page; on a narrower one the table scrolls.
            column_widths=["150px", "115px", "160px", "130px", "140px", "140px", "195px"],
            wrap=True,
            elem_id="answers",
        )
        with gr.Row(elem_classes="sn-buttons"):
            csv = gr.DownloadButton("Save CSV", interactive=False, elem_id="batch-csv")
            json = gr.DownloadButton("Save JSON", interactive=False, elem_id="batch-json")
    return _Outputs(
        stop=stop,
        status=status,
        answers=answers,
        results=results,
        table=table,
        csv=csv,
        json=json,
    )


def _listener(analyser: Analyser, shown: _Outputs) -> Callable[..., AsyncIterator[Update]]:
    """The event handler that classifies songs in order, and shows each answer as it comes."""

    async def listen(
        paths: list[str], genres: OwnGenres | None = None, progress: gr.Progress = gr.Progress()
    ) -> AsyncIterator[Update]:
        answers: list[AnswerJson] = []
        asked = analyser.with_genres(genres)
        yield shown.started()
        until = request_end()
        # Gradio's progress bar loses the type of what it iterates over.
        for path in cast(Iterable[str], progress.tqdm(paths, unit="songs", desc="Heard")):
            if answers and not await next_turn():
                return
            answers = [*answers, await run_sync(asked.classify, path, until)]
            yield shown.filled(answers)

    return listen


def _validator(max_songs: int) -> Callable[..., list[dict[str, Any]]]:
    """The function that checks the chosen files before the event runs."""

    def validated(paths: list[str] | None, _: OwnGenres | None) -> list[dict[str, Any]]:
        """What is to be said of each input."""
        checked = (
            gr.validate(len(paths) <= max_songs, too_many(max_songs))
            if paths
            else gr.validate(False, "Choose at least one file first.")
        )
        return [checked, gr.validate(True, "")]

    return validated


def row(answer: AnswerJson) -> list[Cell]:
    """One row of the table.

    Parameters
    ----------
    answer : AnswerJson

    Returns
    -------
    list
        In the order of the table's headers; the confidence in percent.
    """
    if "error" in answer:
        return [answer["file"], "No answer", None, None, None, None, answer["error"]]
    ranked = sorted(answer["probabilities"], key=answer["probabilities"].__getitem__, reverse=True)
    return [
        answer["file"],
        verdict(answer),
        percentages(answer["probabilities"])[answer["genre"]],
        ranked[1],
        answer["metadata"]["artist"],
        answer["metadata"]["title"],
        " ".join(answer["warnings"]) or None,
    ]


def verdict(answer: PredictionJson) -> str:
    """What the table calls an answer: a genre, "Not sure" or "None of these"."""
    if answer.get("none_of_these"):
        return "None of these"
    return "Not sure" if answer["abstained"] else answer["genre"]


def _summary(answers: list[AnswerJson]) -> str:
    """A sentence such as ``"6 songs heard, 2 with a warning, 1 file failed."``."""
    failed = sum("error" in answer for answer in answers)
    warned = sum(bool(answer.get("warnings")) for answer in answers)
    classified = len(answers) - failed
    parts = [f"{classified} song{'' if classified == 1 else 's'} heard"]
    if any("none_of_these" in answer for answer in answers):
        parts[0] += " in your genres"
    if warned:
        parts.append(f"{warned} with a warning")
    if failed:
        parts.append(f"{failed} file{'' if failed == 1 else 's'} failed")
    return f"{', '.join(parts)}."
