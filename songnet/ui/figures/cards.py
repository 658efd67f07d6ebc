"""The page's cards as HTML: verdict, bars of all genres, what is known of the file, messages.

Gradio has no component for these; whatever comes from a file is escaped here.
"""

import base64
from collections.abc import Iterable
from html import escape

from songnet.audio import AudioInfo, Limits
from songnet.audio.formats import ACCEPTED
from songnet.colours import genre_colours
from songnet.prediction import Prediction
from songnet.similar import Neighbour, Track
from songnet.ui.figures.words import audio_format, clock, percentages

# From this percentage on, the words are used.
_WORDS = ((80, "very sure"), (60, "fairly sure"), (45, "leaning that way"), (0, "a guess"))

EMPTY = (
    '<div class="sn-empty"><p>The answer appears here: the genre, how sure SongNet is, '
    "and which moments of the song told it so.</p>"
    f'<p class="sn-hint">{ACCEPTED}, from 1 s to {Limits().max_seconds / 60:g} min.</p></div>'
)


def verdict(prediction: Prediction) -> str:
    """The answer in large type: genre, confidence in words and number, runner-up.

    Where the network abstains, "Not sure" and the two best candidates.
    """
    shown = percentages(prediction.probabilities)
    (first, _), (second, _) = prediction.ranking[:2]
    if prediction.abstained:
        headline, word = "Not sure", "SongNet would rather not say"
        number = ""
        detail = (
            f"The two best candidates are {_genre(first, shown)} and {_genre(second, shown)}, "
            "too close to a guess to be an answer."
        )
        colour = "var(--sn-muted)"
    else:
        headline = first
        word = next(word for least, word in _WORDS if shown[first] >= least)
        number = f"<strong>{shown[first]} %</strong>"
        detail = f"Runner-up: {_genre(second, shown)}{_lead(prediction, first, second, shown)}."
        colour = genre_colours(shown)[first]
    return (
        f'<section class="sn-card sn-verdict" style="--genre: {colour}" aria-label="Answer">'
        '<p class="sn-eyebrow">SongNet hears</p>'
        f'<h2 class="sn-headline">{escape(headline)}</h2>'
        f'<p class="sn-confidence">{number}<span>{word}</span></p>'
        f'<p class="sn-detail">{detail}</p></section>'
    )


def _genre(genre: str, shown: dict[str, int]) -> str:
    return f"<b>{escape(genre)}</b> ({shown[genre]} %)"


def _lead(prediction: Prediction, first: str, second: str, shown: dict[str, int]) -> str:
    """What separates the best two: points, and how many windows prefer the runner-up."""
    gap = shown[first] - shown[second]
    points = f", {gap} point{'' if gap == 1 else 's'} behind" if gap else ", a hair behind"
    windows = prediction.windows
    if len(windows) < 2:
        return points
    ahead = sum(w.probabilities[second] > w.probabilities[first] for w in windows)
    return f"{points} and ahead in {ahead or 'none'} of {len(windows)} windows"


def bars(prediction: Prediction) -> str:
    """All genres with their percentages, the most probable first."""
    shown = percentages(prediction.probabilities)
    colours = genre_colours(shown)
    rows = "".join(
        f'<li style="--genre: {colours[genre]}; --share: {100 * probability:.2f}%">'
        f'<span class="sn-bar-name">{escape(genre)}</span>'
        '<span class="sn-bar-track" aria-hidden="true"><span class="sn-bar-fill"></span></span>'
        f'<span class="sn-bar-value">{shown[genre]} %</span></li>'
        for genre, probability in prediction.ranking
    )
    return (
        '<section class="sn-card" aria-label="All genres"><h3>All genres</h3>'
        f'<ol class="sn-bars">{rows}</ol></section>'
    )


def metadata(
    prediction: Prediction,
    info: AudioInfo,
    cover: bytes | None = None,
    known: Track | None = None,
) -> str:
    """What the file says of itself, and what it is technically; nothing invented.

    Parameters
    ----------
    prediction : Prediction
    info : AudioInfo
    cover : bytes or None
        A JPEG.
    known : Track or None
        What the archive says of a file that does not say it.
    """
    tags = prediction.tags
    name = prediction.file or ""
    untold = known is not None and not (tags.artist or tags.title)
    title = known.title if untold else tags.title
    facts = {
        "Artist": known.artist if untold else tags.artist,
        "Album": tags.album,
        "Year": tags.year,
        "Genre in the file": tags.genre,
        "Genre in the archive": known.genre if untold else None,
        "SongNet hears": "Not sure" if prediction.abstained else prediction.genre,
        "Duration": clock(prediction.duration_s),
        "Format": audio_format(info),
        "Bit rate": f"{info.bit_rate / 1000:.0f} kbit/s" if info.bit_rate else None,
        "File": name if title else None,
        "Artist and title": "known from FMA, not from the file" if untold else None,
    }
    rows = "".join(
        f"<div><dt>{name}</dt><dd>{escape(str(value))}</dd></div>"
        for name, value in facts.items()
        if value is not None
    )
    return (
        '<section class="sn-card sn-file" aria-label="The file"><h3>The file</h3>'
        f'<div class="sn-heading">{_image(cover)}<p class="sn-title">{escape(title or name)}</p>'
        f"</div><dl>{rows}</dl></section>"
    )


def _image(cover: bytes | None) -> str:
    if cover is None:
        return ""
    data = base64.b64encode(cover).decode()
    return f'<img class="sn-cover" alt="Cover art" src="data:image/jpeg;base64,{data}">'


def similar(neighbours: list[Neighbour], genres: Iterable[str]) -> str:
    """The tracks that sound most like the song, each with a link; empty where there are none.

    Parameters
    ----------
    neighbours : list of Neighbour
    genres : iterable of str
        All that the network knows, for their colours.
    """
    colours = genre_colours(genres)
    rows = "".join(
        f'<li style="--genre: {colours.get(neighbour.track.genre, "var(--sn-muted)")}">'
        '<span class="sn-dot" aria-hidden="true"></span>'
        f'<span class="sn-track"><b>{escape(neighbour.track.title)}</b>'
        f"<span>{escape(neighbour.track.artist)} · {escape(neighbour.track.genre)}</span></span>"
        f'<span class="sn-similarity" title="Similarity, at most 1">{neighbour.similarity:.3f}'
        '<span class="sn-unseen"> similar</span></span>'
        f"{_link(neighbour.track)}</li>"
        for neighbour in neighbours
    )
    if not rows:
        return ""
    return (
        '<section class="sn-card sn-similar" aria-label="Sounds like"><h3>Sounds like</h3>'
        "<p class='sn-hint'>The nearest of the tracks that the network learned from, by what it "
        "hears, one for each artist. 1 is the same.</p>"
        f"<ol>{rows}</ol></section>"
    )


def _link(track: Track) -> str:
    if not track.url:
        return ""
    where = "on the Free Music Archive" if track.page is None else "on the web"
    return (
        f'<a href="{escape(track.url)}" target="_blank" rel="noopener noreferrer" '
        f'aria-label="Find {escape(track.title)} {where}">Find</a>'
    )


def alert(message: str) -> str:
    """One sentence that says what went wrong."""
    return f'<div class="sn-card sn-alert" role="alert">{escape(message)}</div>'


def notice(message: str) -> str:
    """One sentence that is no error."""
    return f'<div class="sn-empty" role="status"><p>{escape(message)}</p></div>'
