"""How close two songs sound: what is one song twice, and words for all else.

All thresholds are cosines of the angle between two embeddings of the network.
"""

from collections.abc import Sequence

import numpy as np

# Of a clip and what has its name, whichever decoder was used; of random pairs of clips, 0.3 %
# reach it.
SAME_CLIP = 0.95
# Of two copies of one file, which nothing else reaches.
IDENTICAL = 0.9995
# Above it, what is nearest to a song counts as the song itself in another file: its copy without
# tags is there at 1, as MP3 or AAC of usual bit rates mostly above 0.997. Of FMA's training clips,
# one in 37 has a clip by another artist so near.
ITSELF = 0.994
# An index was made from other decoders' spectra, where a clip lies up to 0.2 rad from itself. There
# it is the song, too, if it is so much nearer than the next: of 13 clips that were tried, these two
# rules find all, and of others' nearest clips the second takes one in 41.
_ANGLE_RATIO = 0.65
# In fewer tracks than these, the next one may be far for lack of others.
_DENSE = 1_000

# From the closest to what has merely nothing closer.
WORDS = ("very close", "close", "somewhat alike", "not much alike")
# The least similarity for each word but the last, as `levels` finds them in the index that comes
# with the project; for collections that are too small to tell.
USUAL = (0.98, 0.94, 0.86)
# So many tracks are asked for their neighbours, and as many are needed at least.
_ASKED = 500


def levels(embeddings: np.ndarray, artists: Sequence[str]) -> tuple[float, ...]:
    """Finds from where on a track is close, by how close known tracks are to each other.

    "Very close" is what is closer than the nearest track of three known tracks out of four,
    "close" what is closer than the fifth nearest of half of them, and "somewhat alike" what is
    closer than the fifth nearest of nineteen out of twenty. Only tracks by others count.

    Parameters
    ----------
    embeddings : np.ndarray [shape=(n, D), float32, rows of unit length]
    artists : sequence of n str

    Returns
    -------
    tuple of three float, -1..1, descending
        `USUAL` if there are too few tracks.
    """
    if len(embeddings) < _ASKED:
        return USUAL
    rows = np.linspace(0, len(embeddings) - 1, _ASKED).astype(int)
    numbers = np.unique(np.asarray(artists, dtype=object).astype(str), return_inverse=True)[1]
    similarity = embeddings[rows] @ embeddings.T
    similarity[numbers[rows][:, None] == numbers[None]] = -1.0
    nearest = np.sort(np.partition(similarity, -5, axis=1)[:, -5:], axis=1)
    fifth, first = nearest[:, 0], nearest[:, -1]
    found = np.quantile(first, 0.75), np.quantile(fifth, 0.5), np.quantile(fifth, 0.05)
    return tuple(round(float(level), 2) for level in found)


def word(similarity: float, least: Sequence[float] = USUAL) -> str:
    """Says how close two songs sound.

    Parameters
    ----------
    similarity : float, -1..1
    least : sequence of three float, descending
        What `levels` found.

    Examples
    --------
    >>> word(0.99), word(0.9)
    ('very close', 'somewhat alike')
    """
    return WORDS[sum(similarity < level for level in least)]


def itself(similarity: np.ndarray) -> set[int]:
    """Finds a song among the tracks of an index, under whatever name.

    Parameters
    ----------
    similarity : np.ndarray [shape=(n,), -1..1]
        Of the song with each track.

    Returns
    -------
    set of int
        The tracks that are practically identical with the song.
    """
    found = set(np.flatnonzero(similarity > ITSELF).tolist())
    if len(similarity) >= _DENSE:
        second, first = np.argpartition(similarity, -2)[-2:]
        angle, next_angle = np.arccos(np.clip(similarity[[first, second]], -1.0, 1.0))
        if similarity[first] >= SAME_CLIP and angle < _ANGLE_RATIO * next_angle:
            found.add(int(first))
    return found
