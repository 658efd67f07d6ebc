"""The tab for many songs: a table that fills as files finish, and its downloads."""

from collections.abc import Iterator

import gradio as gr

from songnet.prediction import AnswerJson
from songnet.table import Cell
from songnet.ui.analysis import Analyser, too_many
from songnet.ui.figures import cards, downloads

_HEADERS = ["File", "Genre", "Confidence (%)", "Runner-up", "Artist", "Title", "Error"]
_EMPTY = cards.notice("Each song becomes a row of a table, to be sorted and saved.")


def build(analyser: Analyser, max_songs: int) -> None:
    """Adds the tab's components and events to the page that is being built.

    Parameters
    ----------
    analyser : Analyser
    max_songs : int > 0
        Most songs in one request.
    """
    files = gr.File(label="Your songs", file_count="multiple", height=190, elem_id="songs")
    with gr.Row(elem_classes="sn-buttons"):
        start = gr.Button("Classify all", variant="primary", elem_id="start")
        stop = gr.Button("Stop", visible=False, elem_id="stop-batch")
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

    def listen(paths: list[str], progress: gr.Progress = gr.Progress()) -> Iterator[dict]:
        heard: list[AnswerJson] = []
        yield {
            csv: gr.DownloadButton(interactive=False),
            json: gr.DownloadButton(interactive=False),
            answers: [],
            results: gr.Column(visible=False),
            status: cards.notice("Listening…"),
            stop: gr.Button(visible=True),
        }
        for path in progress.tqdm(paths, unit="songs", desc="Heard"):
            heard = [*heard, analyser.classify(path)]
            yield {
                answers: heard,
                table: [row(answer) for answer in heard],
                results: gr.Column(visible=True),
            }

    def validated(paths: list[str] | None) -> dict:
        if not paths:
            return gr.validate(False, "Choose at least one file first.")
        return gr.validate(len(paths) <= max_songs, too_many(max_songs))

    def ended(heard: list[AnswerJson]) -> dict:
        table_text = downloads.songs_csv(heard, analyser.classifier.genres)
        return {
            # Once more: of answers that come fast one after the other, Gradio's table skips some.
            table: [row(answer) for answer in heard],
            status: cards.notice(_summary(heard)),
            csv: downloads.as_file(csv, "songnet.csv", table_text),
            json: downloads.as_file(json, "songnet.json", downloads.as_json(heard)),
            stop: gr.Button(visible=False),
        }

    listening = start.click(
        listen,
        files,
        [stop, status, answers, results, table, csv, json],
        show_progress_on=status,
        validator=validated,
        concurrency_id="network",
        concurrency_limit=2,
        api_visibility="private",
    )
    immediately = {"api_visibility": "private", "queue": False}
    at_the_end = [table, status, csv, json, stop]
    listening.success(ended, answers, at_the_end, **immediately)
    stop.click(None, cancels=listening, **immediately).then(
        ended, answers, at_the_end, **immediately
    )


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
        "Not sure" if answer["abstained"] else answer["genre"],
        round(100 * answer["confidence"]),
        ranked[1],
        answer["metadata"]["artist"],
        answer["metadata"]["title"],
        None,
    ]


def _summary(answers: list[AnswerJson]) -> str:
    """Such as ``"6 songs heard, 1 file failed."``."""
    failed = sum("error" in answer for answer in answers)
    heard = len(answers) - failed
    text = f"{heard} song{'' if heard == 1 else 's'} heard"
    return f"{text}, {failed} file{'' if failed == 1 else 's'} failed." if failed else f"{text}."
