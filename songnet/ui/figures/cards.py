"""The page's cards as HTML: verdict, bars of all genres, the file's metadata, messages.

Gradio has no component for these. Text that comes from a file is escaped here.
"""

import re
from collections.abc import Iterable
from html import escape
from pathlib import PurePosixPath

from songnet.audio import SUFFIXES, AudioInfo
from songnet.classifier import SILENT
from songnet.colours import genre_colours
from songnet.known_tracks import Neighbour, Track
from songnet.prediction import Prediction
from songnet.similar import TrackIndex
from songnet.ui.figures import verdict_parts as parts
from songnet.words import clock, confidence_word, percentages

# Names of channel counts; any other count is written as a number.
_CHANNELS = {1: "mono", 2: "stereo", 6: "5.1", 8: "7.1"}

# As many genres as the card beside the verdict has room for.
_MOST_BARS = 10
# Letters on a line of an answer that is more than a name, and in a column of the file's card.
_LINE, _COLUMN = 20, 20
# Letters of a word that a column has room for.
_WORD = 13
# Letters of a genre's name for which the bars leave room, without being told and at most.
_LETTERS, _MOST_LETTERS = 13, 22


def empty() -> str:
    """The placeholder before there is an answer."""
    return (
        '<div class="sn-empty"><p>The answer appears here: the genre, how sure SongNet is, '
        "and which moments of the song told it so.</p></div>"
    )


def verdict(prediction: Prediction) -> str:
    """Writes the answer in large type: what is said of the song, how sure, and what told it.

    Below it are the song's sections in their proportions, where there are several, the moments that
    told the answer, as buttons that play them, and what the file's owner should know.
    """
    said, shown = prediction.verdict, percentages(prediction.probabilities)
    colour = "var(--sn-muted)"
    if said.kind == "genre":
        colour = str(genre_colours(shown)[said.genres[0]])
    # What is more than a name is smaller; its longest word has to fit.
    letters = max(len(said.text) if said.kind == "genre" else _LINE, *map(len, said.text.split()))
    return (
        f'<section class="sn-card sn-verdict" style="--genre: {colour}; --letters: {letters}"'
        f' aria-label="Answer"><p class="sn-eyebrow">{_eyebrow(prediction)}</p>'
        f'<h2 class="sn-headline">{_unbroken(said.text)}</h2>'
        f"{_confidence(prediction, shown)}{parts.course(prediction)}"
        f'<p class="sn-detail">{_detail(prediction, shown)}</p>{parts.moments(prediction)}'
        f"{parts.repeated(prediction)}{_warnings(prediction)}</section>"
    )


def _unbroken(text: str) -> str:
    """A text as HTML, in which no word is broken at its hyphen."""
    words = (
        f"<span>{escape(word)}</span>" if "-" in word else escape(word) for word in text.split()
    )
    return " ".join(words)


def called(prediction: Prediction) -> str:
    """The answer in a few words: a genre, a change, "Not sure", "Nothing to hear"."""
    return prediction.verdict.text


def _eyebrow(prediction: Prediction) -> str:
    says = "SongNet hears" if prediction.verdict.kind == "genre" else "SongNet's answer"
    return says if prediction.none_of_these is None else f"{says}, in your genres"


def _confidence(prediction: Prediction, shown: dict[str, int]) -> str:
    """How sure the answer is, in number and words; empty where it is no single genre."""
    if prediction.verdict.kind != "genre":
        return ""
    sure = shown[prediction.genre]
    word = confidence_word(sure)
    return f'<p class="sn-confidence"><strong>{sure} %</strong><span>{word}</span></p>'


def _detail(prediction: Prediction, shown: dict[str, int]) -> str:
    """The sentence below the answer."""
    (first, _), (second, _) = prediction.ranking[:2]
    both = f"{_genre(first, shown)} and {_genre(second, shown)}"
    match prediction.verdict.kind:
        case "genre":
            lead = _lead(prediction, first, second, shown)
            return f"Runner-up: {_genre(second, shown)}{lead}."
        case "changes":
            return f"Over the whole song {both} come first."
        case "between":
            if {first, second} != {*prediction.verdict.genres}:
                return f"It goes to and fro. Over the whole song {both} come first."
            return f"Nearest are {both}: neither is ahead by enough for an answer."
        case "not_sure":
            return f"Nearest are {both}, which is hardly better than a guess."
        case "none_of_these":
            return (
                f"It is unlike all that you taught. The nearest is {_genre(first, shown)}, but it "
                "is not near."
            )
        case "silence":
            return "Without a sound there is no genre."


def _warnings(prediction: Prediction) -> str:
    """The warnings as text that screen readers speak; empty without any."""
    return "".join(
        f'<p class="sn-warning" role="status">{escape(warning)}</p>'
        for warning in prediction.warnings
        if warning != SILENT  # the answer says so
    )


def _genre(genre: str, shown: dict[str, int]) -> str:
    """A genre with its percentage, which no line breaks apart."""
    return f"<b>{escape(genre)}</b> <span>({shown[genre]} %)</span>"


def _lead(prediction: Prediction, first: str, second: str, shown: dict[str, int]) -> str:
    """How far the runner-up is behind, in points, and how many windows prefer it."""
    gap = shown[first] - shown[second]
    points = f", {gap} point{'' if gap == 1 else 's'} behind" if gap else ", a hair behind"
    windows = prediction.windows
    if len(windows) < 2:
        return points
    ahead = sum(w.probabilities[second] > w.probabilities[first] for w in windows)
    return f"{points} and ahead in {ahead or 'none'} of {len(windows)} windows"


def bars(prediction: Prediction) -> str:
    """Lists all genres with bars and percentages, the most probable first.

    Of many genres the last ones are folded away. In silence there is nothing to compare.
    """
    if prediction.verdict.kind == "silence":
        return ""
    shown = percentages(prediction.probabilities)
    colours = genre_colours(shown)
    rows = [
        f'<li style="--genre: {colours[genre]}; --share: {100 * probability:.2f}%">'
        f'<span class="sn-bar-name">{escape(genre)}</span>'
        '<span class="sn-bar-track" aria-hidden="true"><span class="sn-bar-fill"></span></span>'
        f'<span class="sn-bar-value">{shown[genre]} %</span></li>'
        for genre, probability in prediction.ranking
    ]
    first, others = rows[:_MOST_BARS], rows[_MOST_BARS:]
    share = sum(shown[genre] for genre, _ in prediction.ranking[_MOST_BARS:])
    folded = (
        f'<details class="sn-more"><summary>{len(others)} more genres, {share} % together</summary>'
        f'<ol class="sn-bars" start="{_MOST_BARS + 1}">{"".join(others)}</ol></details>'
        if others
        else ""
    )
    # As wide as the longest name asks for, within limits.
    letters = min(max(map(len, shown)), _MOST_LETTERS)
    wide = f' style="--letters-wide: {0.6 * letters:.1f}em"' if letters > _LETTERS else ""
    return (
        f'<section class="sn-card" aria-label="All genres"{wide}><h3>All genres</h3>'
        f'<ol class="sn-bars">{"".join(first)}</ol>{folded}</section>'
    )


def metadata(
    prediction: Prediction,
    info: AudioInfo,
    known: Track | None = None,
) -> str:
    """Lists the file's tags and its technical properties; what is missing is left out.

    Parameters
    ----------
    prediction : Prediction
    info : AudioInfo
    known : Track or None
        The same track in the archive, whose artist and title are shown if the file has neither.
    """
    tags = prediction.tags
    name = prediction.file or ""
    archived = None if tags.artist or tags.title else known
    title = archived.title if archived else tags.title
    facts = {
        "Artist": archived.artist if archived else tags.artist,
        "Album": tags.album,
        "Year": tags.year,
        "Genre in the file": tags.genre,
        "Genre in the archive": archived.genre if archived else None,
        "SongNet hears": called(prediction),
        "Duration": clock(prediction.duration_s),
        "Format": _audio_format(info),
        "Bit rate": f"{info.bit_rate / 1000:.0f} kbit/s" if info.bit_rate else None,
        "File": name if title else None,
        "Artist and title": "known from FMA, not from the file" if archived else None,
    }
    known_facts = [(name, str(value)) for name, value in facts.items() if value is not None]
    # What has a line of its own comes last, so that no column stays empty.
    rows = "".join(_fact(*fact) for fact in sorted(known_facts, key=lambda fact: _is_wide(fact[1])))
    return (
        '<section class="sn-card sn-file" aria-label="The file"><h3>The file</h3>'
        f'<p class="sn-title">{escape(title or name)}</p><dl>{rows}</dl></section>'
    )


def _fact(name: str, value: str) -> str:
    """A row of the file's card."""
    wide = ' class="sn-wide"' if _is_wide(value) else ""
    return f"<div{wide}><dt>{name}</dt><dd>{escape(value)}</dd></div>"


def _is_wide(value: str) -> bool:
    """Whether a value has a line of its own: no column has room for it, or for a word of it."""
    return len(value) > _COLUMN or any(len(word) > _WORD for word in value.split())


def similar(
    neighbours: list[Neighbour], genres: Iterable[str], whose: str = TrackIndex.whose
) -> str:
    """Lists the tracks that sound most like the song, each with a link; empty without any.

    Parameters
    ----------
    neighbours : list of Neighbour
    genres : iterable of str
        All genres of the network, for their colours.
    whose : str
        Which tracks these are, in words.
    """
    colours = genre_colours(genres)
    rows = "".join(
        f'<li style="--genre: {colours.get(neighbour.track.genre, "var(--sn-muted)")}">'
        '<span class="sn-dot" aria-hidden="true"></span>'
        f'<span class="sn-track"><b>{escape(neighbour.track.title)}</b>'
        f"<span>{_by(neighbour.track)}</span></span>"
        f'<span class="sn-similarity" title="Similarity {neighbour.similarity:.3f} of at most 1">'
        f"{neighbour.closeness}</span>"
        f"{_link(neighbour.track)}</li>"
        for neighbour in neighbours
    )
    if not rows:
        return ""
    return (
        '<section class="sn-card sn-similar" aria-label="Sounds like"><h3>Sounds like</h3>'
        f"<p class='sn-hint'>The nearest of the {escape(whose)}, by what SongNet hears, one "
        "for each artist.</p>"
        f"<ol>{rows}</ol></section>"
    )


def _by(track: Track) -> str:
    """A track's artist, where there is one, and its genre."""
    return " · ".join(map(escape, filter(None, (track.artist, track.genre))))


def _link(track: Track) -> str:
    """A link to a track's page; empty where it has none."""
    if not track.url:
        return ""
    act, where = ("Find", "on the Free Music Archive")
    if track.page is not None:
        act, where = ("Hear" if _is_sound(track.url) else "Visit", "on the web")
    return (
        f'<a href="{escape(track.url)}" target="_blank" rel="noopener noreferrer" '
        f'aria-label="{act} {escape(track.title)} {where}">{act}</a>'
    )


def _is_sound(address: str) -> bool:
    """Whether an address is that of a sound, and not of a page, by its ending."""
    return PurePosixPath(re.split("[?#]", address)[0]).suffix.lower() in SUFFIXES


def alert(message: str) -> str:
    """A card with one sentence about what went wrong."""
    return f'<div class="sn-card sn-alert" role="alert">{escape(message)}</div>'


def notice(message: str) -> str:
    """A card with one sentence that is no error."""
    return f'<div class="sn-empty" role="status"><p>{escape(message)}</p></div>'


def _audio_format(info: AudioInfo) -> str:
    """Writes a file's format as ``"MP3 · 44.1 kHz · stereo"``."""
    parts = [
        info.format,
        f"{info.sample_rate / 1000:g} kHz",
        _CHANNELS.get(info.channels, f"{info.channels} channels"),
    ]
    return " · ".join(parts)
