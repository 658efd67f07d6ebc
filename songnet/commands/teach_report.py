"""What `songnet teach` says of own genres: for people, and as JSON."""

from typing import Any

from songnet.own_genres import OwnGenres
from songnet.words import percent


def summary(genres: OwnGenres) -> list[str]:
    """How good own genres are, what they confuse and what to know about it, as lines of text."""
    held_out, calibration, counts = genres.held_out, genres.calibration, genres.counts
    low, high = held_out.interval
    apart = "an artist" if held_out.by == "artist" else "a song"
    lines = [
        f"{len(genres.names)} genres, {len(genres.songs)} songs. With {apart} left out at a time, "
        f"{_percent(held_out.accuracy)} are recognised ({_percent(low)} to {_percent(high)}; "
        f"a guess: {_percent(1 / len(genres.names))})."
    ]
    for number, name in enumerate(genres.names):
        row = held_out.confusion[number]
        others = sorted(
            ((count, other) for count, other in zip(row, genres.names, strict=True) if count),
            key=lambda item: -item[0],
        )
        taken = ", ".join(f"{other} {count}" for count, other in others if other != name)
        confused = f"; taken for {taken}" if taken else ""
        lines.append(f"  {name}: {row[number]} of {counts[name]} recognised{confused}")
    if 0 < calibration.abstain_below < 1:
        lines.append(f"Under {_percent(calibration.abstain_below)} the answer is “not sure”.")
    lines.append(f"A song less similar than {calibration.none_below:.2f} is “none of these”.")
    return lines + genres.remarks()


def _percent(share: float) -> str:
    return f"{percent(share)} %"


def contents(genres: OwnGenres) -> list[str]:
    """What is in a file of own genres, with its songs, as lines of text."""
    lines = summary(genres)
    for name in genres.names:
        lines.append(f"{name}:")
        for song in genres.songs:
            if song.genre == name:
                by = f" ({song.artist})" if song.artist else ""
                lines.append(f"  {song.title or 'a song without a title'}{by}")
    return [*lines, f"Taught with the network {genres.network}."]


def to_json(genres: OwnGenres, *, with_songs: bool = False) -> dict[str, Any]:
    """Own genres as plain Python objects, without the embeddings.

    Parameters
    ----------
    genres : OwnGenres
    with_songs : bool
        Whether the songs that taught them are named.

    Returns
    -------
    dict
        As the page's API gives it: ``genres`` (how many songs each has), ``held_out``, ``remarks``
        and ``own_genres`` (the SHA-256 of the file); and the file's ``network``, ``temperature``,
        ``abstain_below`` and ``none_below``.
    """
    stored = genres.to_json()
    kept = ("held_out", "network", "temperature", "abstain_below", "none_below")
    content = {"genres": genres.counts, "remarks": genres.remarks(), "own_genres": genres.digest}
    if with_songs:
        content["songs"] = [
            {"genre": song.genre, "title": song.title, "artist": song.artist}
            for song in genres.songs
        ]
    return content | {key: stored[key] for key in kept}
