"""Finds the known tracks that sound most like a song: the nearest by the network's embedding."""

import io
import re
from collections import defaultdict
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from songnet import closeness
from songnet.errors import WeightsError
from songnet.known_tracks import Neighbour, Track, plain_names
from songnet.prediction import Prediction
from songnet.weights import Weights
from songnet.weights.release import NETWORK_FILE

# The file names of FMA-small's clips are their track numbers.
_FMA_NAME = re.compile(r"\d{6}")


class TrackIndex:
    """Finds tracks by their embeddings. Threads may share one index.

    Parameters
    ----------
    tracks : list of Track
    embeddings : np.ndarray [shape=(n, D), float32, rows of unit length]
    weights_sha256 : str
        SHA-256 of the `songnet.keras` that computed the embeddings, as hex.

    Attributes
    ----------
    whose : str
        Which tracks these are, in words.
    """

    whose = "tracks that the network learned from"

    def __init__(self, tracks: list[Track], embeddings: np.ndarray, weights_sha256: str) -> None:
        self.tracks = tracks
        self.embeddings = embeddings
        self.weights_sha256 = weights_sha256
        self._row = {track.track_id: row for row, track in enumerate(tracks)}
        self._rows_named: defaultdict[tuple[str, str], set[int]] = defaultdict(set)
        for row, track in enumerate(tracks):
            self._rows_named[plain_names(track.artist, track.title)].add(row)
        self._offending = frozenset(row for row, track in enumerate(tracks) if track.offends)

    @classmethod
    def from_weights(cls, weights: Weights) -> "TrackIndex | None":
        """Reads the index that comes with weights; None where none does.

        Raises
        ------
        WeightsError
            If it is not an index, or was made with other weights.
        """
        if weights.index is None:
            return None
        index = cls.from_bytes(weights.index)
        network = weights.config.files.get(NETWORK_FILE)
        if network is None or index.weights_sha256 != network.sha256:
            raise WeightsError(
                f"The index of tracks was made with other weights ({weights.source}): make it "
                "again with python -m train index."
            )
        return index

    @classmethod
    def from_bytes(cls, data: bytes) -> "TrackIndex":
        """Reads what `to_bytes` wrote.

        Raises
        ------
        WeightsError
            If it is something else.
        """
        try:
            with np.load(io.BytesIO(data), allow_pickle=False) as stored:
                arrays = {name: stored[name] for name in stored.files}
            genres, names, titles = (_lines(arrays[key]) for key in ("genres", "artists", "titles"))
            pages = _lines(arrays["pages"]) if "pages" in arrays else [None] * len(titles)
            offends = arrays.get("offends", np.zeros(len(titles), bool))
            columns = (
                arrays["track_id"],
                arrays["artist"],
                titles,
                arrays["genre"],
                pages,
                offends,
            )
            tracks = [
                Track(int(number), names[artist], title, genres[genre], page, bool(offending))
                for number, artist, title, genre, page, offending in zip(*columns, strict=True)
            ]
            embeddings = arrays["levels"].T * arrays["step"] + arrays["low"]
            if embeddings.ndim != 2 or len(embeddings) != len(tracks):
                raise ValueError(f"{len(tracks)} tracks, and embeddings {embeddings.shape}")
            if not np.isfinite(embeddings).all():
                raise ValueError("embeddings that are not finite")
            (sha256,) = _lines(arrays["weights_sha256"])
        except Exception as error:  # NumPy, zipfile and zlib raise nearly all that there is
            raise WeightsError(f"The index of tracks is not SongNet's: {error!r}.") from error
        return cls(tracks, _unit(embeddings.astype(np.float32)), sha256)

    def to_bytes(self) -> bytes:
        """Writes the index as a compressed `.npz`, with embeddings quantised to 8 bits.

        Each dimension's range is divided into 255 steps. The same index gives the same bytes.
        """
        low = self.embeddings.min(axis=0)
        step = np.maximum((self.embeddings.max(axis=0) - low) / 255, 1e-9)
        names = sorted({track.artist for track in self.tracks})
        numbers = {name: number for number, name in enumerate(names)}
        genres = sorted({track.genre for track in self.tracks})
        pages = [track.page for track in self.tracks if track.page is not None]
        optional: dict[str, Any] = {}
        if len(pages) == len(self.tracks):
            optional["pages"] = _text(pages)
        if any(track.offends for track in self.tracks):
            optional["offends"] = np.array([track.offends for track in self.tracks])
        file = io.BytesIO()
        np.savez_compressed(
            file,
            **optional,
            # A dimension's levels resemble each other, and compress better next to each other.
            levels=np.ascontiguousarray(np.rint((self.embeddings - low) / step).astype(np.uint8).T),
            low=low,
            step=step,
            track_id=np.array([track.track_id for track in self.tracks], np.int32),
            artist=np.array(
                [numbers[track.artist] for track in self.tracks],
                np.promote_types(np.uint16, np.min_scalar_type(len(names))),
            ),
            genre=np.array([genres.index(track.genre) for track in self.tracks], np.uint8),
            artists=_text(names),
            genres=_text(genres),
            titles=_text([track.title for track in self.tracks]),
            weights_sha256=_text([self.weights_sha256]),
        )
        return file.getvalue()

    def nearest(self, prediction: Prediction, count: int = 5) -> list[Neighbour]:
        """Finds the tracks that sound most like a song: one an artist, never the song itself.

        None of them has a name that insults people.

        Parameters
        ----------
        prediction : Prediction
        count : int > 0

        Returns
        -------
        list of Neighbour
            The nearest first; empty for a silent song.
        """
        if prediction.embedding is None:
            return []
        itself = self._rows_of_song(prediction, prediction.embedding)
        return self.search(prediction.embedding, count, itself | self._offending)

    def search(
        self, embedding: np.ndarray, count: int = 5, without: frozenset[int] = frozenset()
    ) -> list[Neighbour]:
        """Finds the tracks nearest to an embedding, one an artist.

        Parameters
        ----------
        embedding : np.ndarray [shape=(D,), unit length]
        count : int > 0
        without : frozenset of int
            Rows that are left out.

        Returns
        -------
        list of Neighbour
            The nearest first.
        """
        similarity = self.embeddings @ embedding
        found: dict[str, Neighbour] = {}
        for row in np.argsort(-similarity, kind="stable"):
            track = self.tracks[row]
            if track.artist not in found and row not in without:
                near = float(similarity[row])
                found[track.artist] = Neighbour(track, near, closeness.word(near, self._levels))
            if len(found) == count:
                break
        return list(found.values())

    @cached_property
    def _levels(self) -> tuple[float, ...]:
        """From where on a track is close, by these tracks."""
        return closeness.levels(self.embeddings, [track.artist for track in self.tracks])

    def recognise(self, prediction: Prediction) -> Track | None:
        """Finds the known track that a song is, by its number as file name or title (``000005``).

        The number alone proves nothing: the song must sound like that track, too.

        Parameters
        ----------
        prediction : Prediction

        Returns
        -------
        Track or None
        """
        row = self._row_by_number(prediction)
        if row is None or prediction.embedding is None:
            return None
        same = self.embeddings[row] @ prediction.embedding >= closeness.SAME_CLIP
        return self.tracks[row] if same else None

    def _row_by_number(self, prediction: Prediction) -> int | None:
        """The row of the track whose number is the song's file name or title."""
        for name in (Path(prediction.file or "").stem, prediction.tags.title or ""):
            if _FMA_NAME.fullmatch(name):
                return self._row.get(int(name))
        return None

    def _rows_of_song(self, prediction: Prediction, embedding: np.ndarray) -> frozenset[int]:
        """The rows that are the song itself, by its number, its artist and title, or its sound."""
        similarity = self.embeddings @ embedding
        rows = closeness.itself(similarity)
        numbered = self._row_by_number(prediction)
        if numbered is not None and similarity[numbered] >= closeness.SAME_CLIP:
            rows.add(numbered)
        tagged = plain_names(prediction.tags.artist, prediction.tags.title)
        return frozenset(rows | self._rows_named.get(tagged, set()))


def _unit(rows: np.ndarray) -> np.ndarray:
    """Rows scaled to unit length."""
    return rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9)


def _text(lines: list[str]) -> np.ndarray:
    """Lines of text as one array of UTF-8 bytes."""
    return np.frombuffer("\n".join(lines).encode(), np.uint8)


def _lines(text: np.ndarray) -> list[str]:
    """The inverse of `_text`."""
    return text.tobytes().decode().split("\n")
