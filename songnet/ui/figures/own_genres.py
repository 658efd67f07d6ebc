"""A visitor's own genres as HTML: the list of them, how good they are, and which are in use.

Names and titles come from visitors and their files: all are escaped here.
"""

from collections.abc import Iterable, Sequence
from html import escape

from songnet.colours import Pair, genre_colours
from songnet.own_genres import HeldOut, OwnGenres
from songnet.ui.shelf import Shelf
from songnet.words import percent, shortened

# A matrix with more rows and columns is not readable on a telephone.
_MOST_IN_MATRIX = 8
# As many names as fit into a sentence.
_MOST_NAMED = 5


def shelf(content: Shelf, *, busy: bool = False) -> str:
    """Lists the genres with their numbers of songs, each with buttons to add songs and remove it.

    Parameters
    ----------
    content : Shelf
    busy : bool
        Without buttons, while the songs are heard.
    """
    counts = content.counts
    if not counts:
        return (
            '<p class="sn-hint">None yet: add the first, or load a file that you saved before.</p>'
        )
    colours = genre_colours(content.taught.names) if content.taught else {}
    rows = "".join(
        f'<li style="--genre: {colours.get(name, "var(--sn-line)")}">'
        '<span class="sn-dot" aria-hidden="true"></span>'
        f'<span class="sn-track"><b>{escape(name)}</b><span>{_count(total, new)}</span></span>'
        f"{'' if busy else _buttons(name)}</li>"
        for name, (total, new) in counts.items()
    )
    hint = content.hint()
    shown = f'<p class="sn-hint">{escape(hint)}</p>' if hint else ""
    return f'<ul class="sn-shelf" tabindex="0" aria-label="Your genres">{rows}</ul>{shown}'


def _count(total: int, new: int) -> str:
    songs = f"{total} song{'' if total == 1 else 's'}"
    if not new:
        return songs
    return f"{songs}, new" if new == total else f"{songs}, {new} of them new"


def _buttons(name: str) -> str:
    return "".join(
        f'<button type="button" class="sn-act" data-act="{act}" data-genre="{escape(name)}" '
        f'aria-label="{label} {escape(name)}">{shown}</button>'
        for act, label, shown in (
            ("more", "Add songs to", "Add"),
            ("remove", "Remove", "Remove"),
        )
    )


def in_use(genres: OwnGenres | None, taught: OwnGenres, eight: int) -> str:
    """Says in which genres the next answers are.

    Parameters
    ----------
    genres : OwnGenres or None
        Those in use; None means the network's.
    taught : OwnGenres
        Those of the visitor.
    eight : int
        The number of the network's genres.
    """
    if genres is None:
        what = (
            f"New answers are in <b>SongNet's {eight} genres</b>. Yours ({len(taught.names)}) are "
            "kept."
        )
    else:
        what = (
            f"New answers are in <b>your {len(genres.names)} genres</b>: "
            f"{escape(named(genres.names))}."
        )
    return f'<p class="sn-in-use" role="status">{what}</p>'


def named(names: Sequence[str]) -> str:
    """Names as text, at most some of them: ``"Dub, Fado and Techno"``, ``"Dub, Fado and 9 more"``.

    Examples
    --------
    >>> named(["Dub"]), named(["Dub", "Fado", "Techno"])
    ('Dub', 'Dub, Fado and Techno')
    """
    *first, last = names if len(names) <= _MOST_NAMED else names[: _MOST_NAMED - 1]
    if len(names) > _MOST_NAMED:
        return f"{', '.join([*first, last])} and {len(names) - _MOST_NAMED + 1} more"
    return f"{', '.join(first)} and {last}" if first else last


def status(message: str, sentences: Sequence[str] = (), *, wrong: bool = False) -> str:
    """A message, with what else the visitor should know about the songs, a line each.

    Parameters
    ----------
    message : str
    sentences : sequence of str
        Beyond the first 20 they are counted.
    wrong : bool
        Whether the message says what went wrong.
    """
    lines = "".join(f'<p class="sn-warning">{escape(text)}</p>' for text in shortened(sentences))
    kind, role = ("sn-status sn-alert", "alert") if wrong else ("sn-status", "status")
    return f'<div class="sn-card {kind}" role="{role}"><p>{escape(message)}</p>{lines}</div>'


def quality(genres: OwnGenres) -> str:
    """Says how good own genres are, what they confuse, and what to know before trusting them."""
    held_out, calibration = genres.held_out, genres.calibration
    low, high = (percent(end) for end in held_out.interval)
    apart = "an artist" if held_out.by == "artist" else "a song"
    remarks = "".join(f'<p class="sn-warning">{escape(text)}</p>' for text in genres.remarks())
    unsure = "A song unlike all that you taught is “None of these”."
    if calibration.abstain_below:
        unsure = (
            f"Under {percent(calibration.abstain_below)}\u00a0% the answer is “Not sure”. {unsure}"
        )
    return (
        '<section class="sn-card sn-quality" aria-label="How good they are"><div>'
        "<h3>How good they are</h3>"
        f'<p class="sn-figure"><strong>{percent(held_out.accuracy)} %</strong> '
        "<span>of your songs are recognised</span></p>"
        f'<p class="sn-detail">95\u00a0% interval {low} to {high}\u00a0%; a guess gets '
        f"{percent(1 / len(genres.names))}\u00a0%. Measured on {held_out.songs} songs, with "
        f"{apart} left out at a time while the others teach. {unsure}</p>{remarks}</div>"
        f"{confusion(genres.names, held_out)}</section>"
    )


def confusion(names: Sequence[str], held_out: HeldOut) -> str:
    """What each genre's songs were taken for, as a table: a matrix, or a list where there are many.

    Parameters
    ----------
    names : sequence of str
    held_out : HeldOut
    """
    colours = genre_colours(names)
    if len(names) <= _MOST_IN_MATRIX:
        return _matrix(names, held_out, colours)
    rows = []
    # The least recognised first: that is where more songs help.
    order = sorted(range(len(names)), key=lambda number: _recognised(held_out, number))
    for number in order:
        row = held_out.confusion[number]
        others = sorted(
            ((count, names[other]) for other, count in enumerate(row) if count and other != number),
            key=lambda item: -item[0],
        )
        taken = ", ".join(f"{other} ({count})" for count, other in others) or "–"
        rows.append(
            f"<tr>{_row_header(names[number], colours)}"
            f"<td>{row[number]} of {sum(row)}</td><td>{escape(taken)}</td></tr>"
        )
    heads = [f'<th scope="col">{head}</th>' for head in ("Genre", "Recognised", "Else taken for")]
    caption = "What the songs of each genre were taken for, the least recognised first"
    return _table("sn-taken-for", caption, heads, rows)


def _recognised(held_out: HeldOut, number: int) -> float:
    row = held_out.confusion[number]
    return row[number] / max(sum(row), 1)


def _matrix(names: Sequence[str], held_out: HeldOut, colours: dict[str, Pair]) -> str:
    rows = []
    for number, row in enumerate(held_out.confusion):
        cells = "".join(
            f'<td class="{_kind(count, number == column)}" '
            f'style="--share: {100 * count / max(sum(row), 1):.0f}%">{count}</td>'
            for column, count in enumerate(row)
        )
        rows.append(f"<tr>{_row_header(names[number], colours)}{cells}</tr>")
    heads = [
        f'<th scope="col" style="--genre: {colours[name]}"><span class="sn-dot" aria-hidden="true">'
        f"</span><span>{escape(name)}</span></th>"
        for name in names
    ]
    caption = "Songs of each genre (row) by what they were taken for (column)"
    return _table("sn-matrix", caption, ['<td aria-hidden="true"></td>', *heads], rows)


def _kind(count: int, right: bool) -> str:
    return ("sn-right" if right else "sn-wrong") if count else "sn-zero"


def _row_header(name: str, colours: dict[str, Pair]) -> str:
    return (
        f'<th scope="row" style="--genre: {colours[name]}"><span class="sn-dot" aria-hidden="true">'
        f"</span>\u00a0{escape(name)}</th>"
    )


def _table(kind: str, caption: str, heads: Iterable[str], rows: Iterable[str]) -> str:
    return (
        f'<div class="sn-scroll" tabindex="0" role="group" aria-label="{caption}">'
        f'<p aria-hidden="true">{caption}</p><table class="{kind}" aria-label="{caption}">'
        f"<thead><tr>{''.join(heads)}</tr></thead><tbody>{''.join(rows)}</tbody></table></div>"
    )


def save_button(genres: OwnGenres) -> str:
    """A button that saves the file of own genres, and the file for `own_genres.js`.

    It is the same as `songnet teach` writes, and lies nowhere on the server.
    """
    content = escape(genres.to_bytes().decode(), quote=False)
    return (
        '<button type="button" class="sn-save" data-name="my.genres">Save the genres</button>'
        # Not a template: Gradio's HTML does not see that its content has changed.
        f"<pre hidden>{content}</pre>"
    )
