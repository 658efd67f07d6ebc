"""Many songs' answers as rows for the page's script, which draws them: it keeps focus and order."""

import json
from html import escape
from pathlib import Path
from typing import NotRequired, TypedDict

from songnet import __version__
from songnet.colours import genre_colours
from songnet.library.playlist import FIRST_LINE, title_line, title_of
from songnet.prediction import AnswerJson
from songnet.words import clock, percentages

_FAILED = "No answer"
# What a row is counted as that is of no one genre, by the kind of its verdict.
_GROUPS = {
    "changes": "Changes",
    "between": "Between genres",
    "not_sure": "Not sure",
    "none_of_these": "None of these",
    "silence": "Nothing to hear",
}
# What comes before the best genre where it is not the verdict.
_PERHAPS = {"not_sure": "Not sure, perhaps ", "none_of_these": "None of these, nearest "}


class Row(TypedDict):
    """A song as a row.

    Attributes
    ----------
    file, title, artist : str
        Empty where there is none.
    group : str
        What the row is counted as: a genre, "Not sure", "Changes" or "No answer", say.
    told : bool
        Whether the group is a genre.
    said : str
        The verdict. A file without an answer has neither this nor what follows.
    perhaps : str
        The most probable genre, after what is said, where that names none.
    percent : int
        How probable the genre is, where one is told or perhaps meant.
    colour : str
        The genre's, as CSS.
    length : str
        As on a clock.
    seconds : float
    note : str
        What is wrong with the file, or what its owner should know.
    size : int [bytes]
        Of the file, by which the page knows it among those that were dropped.
    playlist : str
        The line before its place in a playlist.
    """

    file: str
    group: str
    told: bool
    note: str
    size: int
    said: NotRequired[str]
    perhaps: NotRequired[str]
    percent: NotRequired[int]
    colour: NotRequired[str]
    title: NotRequired[str]
    artist: NotRequired[str]
    length: NotRequired[str]
    seconds: NotRequired[float]
    playlist: NotRequired[str]


def row(answer: AnswerJson, size: int = 0) -> Row:
    """One row.

    Parameters
    ----------
    answer : AnswerJson
    size : int [bytes]
        Of its file.
    """
    if "error" in answer:
        return Row(file=answer["file"], group=_FAILED, told=False, note=answer["error"], size=size)
    verdict, best = answer["verdict"], answer["genre"]
    file, tags, kind = answer["file"] or "", answer["metadata"], verdict["kind"]
    shown = Row(
        file=file,
        group=_GROUPS.get(kind, best),
        told=kind == "genre",
        note=" ".join(answer["warnings"]),
        size=size,
        said=_PERHAPS.get(kind, verdict["text"]),
        perhaps=best if kind in _PERHAPS else "",
        title=tags["title"] or "",
        artist=tags["artist"] or "",
        length=clock(answer["duration_s"]),
        seconds=answer["duration_s"],
        playlist=title_line(
            answer["duration_s"], title_of(tags["artist"], tags["title"], Path(file))
        ),
    )
    if kind == "genre" or kind in _PERHAPS:
        shown["percent"] = percentages(answer["probabilities"])[best]
        shown["colour"] = str(genre_colours(answer["probabilities"])[best])
    return shown


def place(weights: str) -> str:
    """What the rows are drawn into, as HTML.

    Parameters
    ----------
    weights : str
        The SHA-256 of those in use. Rows that the browser kept are drawn by the version of the page
        that made them, with these weights, or not at all.
    """
    return f'<div class="sn-many" data-of="{__version__} {weights}"></div>'


def data(rows: list[Row], files: dict[str, str]) -> str:
    """The rows as HTML that shows nothing.

    Parameters
    ----------
    rows : list of Row
    files : dict of str to str
        The paths of the same answers as "csv" and "json", once they are there: the browser keeps
        what is in them beside the rows.
    """
    content = {"rows": rows, "playlist": FIRST_LINE, "files": files}
    # Not a template: Gradio's HTML does not see that its content has changed.
    return f"<pre hidden>{escape(json.dumps(content, ensure_ascii=False))}</pre>"


def progress(done: int, of: int, name: str) -> str:
    """How far the hearing is: a bar, a count, and the song that is heard now.

    Parameters
    ----------
    done, of : int
        Songs heard, and songs in all.
    name : str
        The file's, of the one that is heard now.
    """
    return (
        '<div class="sn-empty sn-progress"><p role="status">'
        f'<b>{done} of {of}</b> <span>{escape(name)}</span></p><div role="progressbar" '
        f'aria-label="Songs heard" aria-valuemin="0" aria-valuemax="{of}" aria-valuenow="{done}">'
        f'<span style="width: {100 * done / of:.1f}%"></span></div></div>'
    )


def summary(answers: list[AnswerJson], left: int = 0) -> str:
    """A sentence such as ``"6 songs heard, 2 with a warning, 1 file failed."``.

    Parameters
    ----------
    answers : list of AnswerJson
    left : int
        Songs that were not heard, as the hearing was stopped: ``"Stopped: 2 songs heard, 4 still to
        hear."``.
    """
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
    if left:
        return f"Stopped: {', '.join(parts)}, {left} still to hear."
    return f"{', '.join(parts)}."
