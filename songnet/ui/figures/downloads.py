"""Answers as files to save: JSON, CSV, and a picture of the result card."""

import csv
import io
import json
import textwrap
from collections.abc import Iterable
from html import escape
from pathlib import Path
from typing import Any

import gradio as gr
from gradio.processing_utils import save_bytes_to_cache

from songnet.colours import GROUND, MUTED, TEXT, TRACK, Pair, genre_colours
from songnet.prediction import AnswerJson, Prediction
from songnet.table import csv_row, defused, header_row, table_columns
from songnet.ui.analysis import Analysis
from songnet.ui.figures import cards, timeline
from songnet.words import percentages

# The picture is dark, whichever scheme the page has.
_GROUND, _TEXT, _MUTED = GROUND.dark, TEXT.dark, MUTED.dark
# As many bars as fit in the picture above the waveform.
_MOST_BARS = 9
# Letters in a line of the answer, and lines of it, beside the bars.
_LINE, _MOST_LINES = 22, 4
# A text of n letters has room beside the bars if it is this many pixels large, divided by n.
_ROOM = 950


def as_file(button: gr.DownloadButton, name: str, text: str) -> gr.DownloadButton:
    """Writes a file and gives it to a download button; the parameters are those of `write`.

    Returns
    -------
    gr.DownloadButton
        As from `offer`.
    """
    return offer(write(button, name, text))


def write(button: gr.DownloadButton, name: str, text: str) -> str | None:
    """Writes a file into the cache that `delete_cache` empties.

    Parameters
    ----------
    button : gr.DownloadButton
        The one that is to offer it.
    name : str
        Name of the file.
    text : str
        Content of the file. CSV begins with a byte order mark, or Excel misreads titles.

    Returns
    -------
    str or None
        Its path; None on a full disk: the answer is shown all the same.
    """
    encoding = "utf-8-sig" if name.endswith(".csv") else "utf-8"
    try:
        return save_bytes_to_cache(text.encode(encoding), name, button.GRADIO_CACHE)
    except OSError:
        return None


def offer(path: str | None) -> gr.DownloadButton:
    """The update of a download button for a file; without one, it is disabled."""
    if path is None:
        return gr.DownloadButton(interactive=False)
    return gr.DownloadButton(value=path, interactive=True)


def as_json(answer: object) -> str:
    """Writes indented JSON, in which letters of every script stand as they are."""
    return json.dumps(answer, ensure_ascii=False, indent=2) + "\n"


def songs_csv(answers: list[AnswerJson], genres: tuple[str, ...]) -> str:
    """Writes predictions as CSV with a header, one row a file.

    Parameters
    ----------
    answers : list of AnswerJson
    genres : tuple of str

    Returns
    -------
    str
    """
    return _csv(table_columns(genres), map(csv_row, answers))


def windows_csv(prediction: Prediction) -> str:
    """Writes a song's windows as CSV: file, start and end in seconds, genre, all probabilities."""
    answer = prediction.to_json()
    rows = [
        {
            "file": csv_row(answer)["file"],
            "start_s": window["start_s"],
            "end_s": window["end_s"],
            "genre": defused(max(window["probabilities"], key=window["probabilities"].__getitem__)),
            **window["probabilities"],
        }
        for window in answer["windows"]
    ]
    return _csv(list(rows[0]), rows)


def _csv(columns: list[str], rows: Iterable[dict[str, Any]]) -> str:
    text = io.StringIO()
    writer = csv.DictWriter(text, columns)
    writer.writerow(header_row(columns))
    writer.writerows(rows)
    return text.getvalue()


def picture(analysis: Analysis) -> str:
    """Draws the result as a card of 1200 x 630 pixels, the size that social networks show.

    Parameters
    ----------
    analysis : Analysis

    Returns
    -------
    str
        SVG. The page turns it into a PNG with the visitor's own fonts, which have more scripts than
        any font that could come with the project.
    """
    prediction = analysis.prediction
    tags = prediction.tags
    shown = percentages(prediction.probabilities)
    headline, below = _headline(cards.called(prediction))
    subline = _subline(prediction, shown)
    title = tags.title or prediction.file or "A song"
    by = f"{title} – {tags.artist}" if tags.artist else title
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" width="1200" height="630" '
        'font-family="system-ui, sans-serif">'
        f'<rect width="1200" height="630" fill="{_GROUND}"/>'
        + _text(64, 96, 30, _MUTED, _shortened(by, 62))
        + headline
        + _text(64, below + 64, _fitting(40, subline), _TEXT, subline)
        + _bars(prediction, shown)
        + _waveform(analysis)
        + _text(1136, 596, 24, _MUTED, "SongNet", anchor="end")
        + "</svg>"
    )


def _headline(answer: str) -> tuple[str, float]:
    """The answer in lines that end before the bars begin, and where the last of them stands."""
    lines = textwrap.wrap(
        answer, _LINE, break_on_hyphens=False, max_lines=_MOST_LINES, placeholder="…"
    )
    size = _fitting(104, *lines)
    places = [max(150, 250 - 30 * len(lines)) + 1.1 * size * i for i in range(len(lines))]
    drawn = (
        _text(60, y, size, _TEXT, line, weight=700) for y, line in zip(places, lines, strict=True)
    )
    return "".join(drawn), places[-1]


def _fitting(largest: int, *lines: str) -> int:
    """How large lines are, in pixels, so that they end before the bars begin."""
    return min(largest, _ROOM // max(1, *map(len, lines)))


def _subline(prediction: Prediction, shown: dict[str, int]) -> str:
    """How sure the answer is, or what comes nearest to one."""
    (best, _), (second, _) = prediction.ranking[:2]
    match prediction.verdict.kind:
        case "genre":
            return f"{shown[best]} %"
        case "changes" | "between":
            return f"{best} {shown[best]} %, {second} {shown[second]} %"
        case "not_sure":
            return f"perhaps {best}, {shown[best]} %"
        case "none_of_these":
            return "unlike all that was taught"
        case "silence":
            return ""


def picture_button(analysis: Analysis) -> str:
    """Buttons that pass the answer on, and its picture for `share.js`, which makes a PNG of it."""
    prediction = analysis.prediction
    named = prediction.tags.title or prediction.file or "A song"
    stem = Path(prediction.file or "song").stem
    return (
        # Not a template: Gradio's HTML does not see that its content has changed.
        f"<pre hidden>{escape(picture(analysis))}</pre>"
        f"{_button('picture', 'Save picture', name=f'{stem}-songnet.png')}"
        f"{_button('link', 'Copy link')}"
        + _button(
            "share",
            "Share",
            hidden=True,
            name=f"{stem}-songnet.png",
            says=f"{named}: {cards.called(prediction)}",
        )
    )


def _button(act: str, words: str, hidden: bool = False, **data: str) -> str:
    attributes = "".join(f' data-{key}="{escape(text)}"' for key, text in data.items())
    return (
        f'<button type="button" class="sn-picture" data-pass-on="{act}"{attributes}'
        f"{' hidden' if hidden else ''}>{words}</button>"
    )


def _text(
    x: float,
    y: float,
    size: int,
    colour: str,
    words: str,
    *,
    weight: int = 400,
    anchor: str = "start",
) -> str:
    return (
        f'<text x="{x}" y="{y}" font-size="{size}" font-weight="{weight}" fill="{colour}" '
        f'text-anchor="{anchor}">{escape(words)}</text>'
    )


def _shortened(words: str, length: int) -> str:
    """A text of at most so many characters, which ends with "…" if something was cut off."""
    return words if len(words) <= length else words[: length - 1].rstrip() + "…"


def _bars(prediction: Prediction, shown: dict[str, int]) -> str:
    """The most probable genres with bars and percentages."""
    drawn = []
    colours = genre_colours(shown)
    for i, (genre, probability) in enumerate(prediction.ranking[:_MOST_BARS]):
        y = 148 + 30 * i
        drawn.append(
            _text(846, y + 13, 18, _TEXT, _shortened(genre, 18), anchor="end")
            + f'<rect x="860" y="{y}" width="216" height="14" rx="7" fill="{TRACK}"/>'
            f'<rect x="860" y="{y}" width="{max(4, 216 * probability):.0f}" height="14" rx="7" '
            f'fill="{colours[genre].dark}"/>'
            + _text(1136, y + 13, 18, _TEXT, f"{shown[genre]} %", anchor="end")
        )
    return "".join(drawn)


def _waveform(analysis: Analysis) -> str:
    """The waveform, coloured by genre."""
    moments = timeline.waveform(analysis, columns=180)
    colours = genre_colours(analysis.prediction.probabilities)
    step = 1072 / len(moments)
    return "".join(
        f'<rect x="{64 + i * step:.1f}" y="{490 - 68 * height:.1f}" width="{0.62 * step:.1f}" '
        f'height="{136 * height:.1f}" fill="{_painted(stretch, colours)}"/>'
        for i, (_, height, stretch) in enumerate(moments)
    )


def _painted(stretch: timeline.Stretch, colours: dict[str, Pair]) -> str:
    genre = stretch.section.genre
    return colours[genre].dark if genre else _MUTED
