"""The tab for many songs: a table that fills as files finish, and its downloads."""

from collections.abc import Iterator

import gradio as gr

from songnet.classifier import Classifier
from songnet.ui import downloads
from songnet.ui.api import MOST_SONGS, TOO_MANY, classify_file

_HEADERS = ["File", "Genre", "Confidence (%)", "Runner-up", "Artist", "Title", "Error"]


def build(classifier: Classifier) -> None:
    """Adds the tab's components and events to the page that is being built.

    Parameters
    ----------
    classifier : Classifier
    """
    files = gr.File(label="Your songs", file_count="multiple", height=190, elem_id="songs")
    with gr.Row():
        start = gr.Button("Classify all", variant="primary", elem_id="start")
        stop = gr.Button("Stop", elem_id="stop-batch")
    table = gr.Dataframe(
        headers=_HEADERS,
        datatype=["str", "str", "number", "str", "str", "str", "str"],
        interactive=False,
        label="Answers",
        max_height=560,
        # They sum to the width of the page; on a narrower one the table scrolls.
        column_widths=["150px", "115px", "125px", "115px", "145px", "145px", "235px"],
        wrap=True,
        elem_id="answers",
    )
    with gr.Row():
        csv = gr.DownloadButton("Download CSV", interactive=False, elem_id="batch-csv")
        json = gr.DownloadButton("Download JSON", interactive=False, elem_id="batch-json")

    def listen(paths: list[str], progress: gr.Progress = gr.Progress()) -> Iterator[dict]:
        answers = []
        for path in progress.tqdm(paths, unit="songs", desc="Listening"):
            answers.append(classify_file(classifier, path))
            yield {table: [row(answer) for answer in answers]}
        yield {
            csv: downloads.as_file(
                csv, "songnet.csv", downloads.songs_csv(answers, classifier.genres)
            ),
            json: downloads.as_file(json, "songnet.json", downloads.as_json(answers)),
        }

    listening = start.click(
        listen,
        files,
        [table, csv, json],
        show_progress="minimal",
        show_progress_on=table,
        validator=_validated,
        concurrency_id="network",
        concurrency_limit=2,
        api_visibility="private",
    )
    stop.click(None, cancels=listening, api_visibility="private")


def _validated(paths: list[str] | None) -> dict:
    if not paths:
        return gr.validate(False, "Choose at least one file first.")
    return gr.validate(len(paths) <= MOST_SONGS, TOO_MANY)


def row(answer: dict) -> list[str | float | None]:
    """One row of the table.

    Parameters
    ----------
    answer : dict
        `Prediction.to_json`, or ``{"file": ..., "error": ...}``.

    Returns
    -------
    list
        In the order of the table's headers; the confidence in percent.
    """
    if "error" in answer:
        return [answer["file"], None, None, None, None, None, answer["error"]]
    ranked = sorted(answer["probabilities"], key=answer["probabilities"].get, reverse=True)
    return [
        answer["file"],
        "Not sure" if answer["abstained"] else answer["genre"],
        round(100 * answer["confidence"]),
        ranked[1],
        answer["metadata"]["artist"],
        answer["metadata"]["title"],
        None,
    ]
