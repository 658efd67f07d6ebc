"""Deals labelled clips into training, validation and test, for sets as small as people have."""

import numpy as np

# Share of each genre's clips that is wanted for validation, and as much for test.
_SHARE = 0.1


def deal(genres: np.ndarray, artists: np.ndarray, seed: int) -> np.ndarray:
    """Deals clips into splits that each have every genre.

    About a tenth of each genre's clips goes to validation and to test each, and at least half of
    it stays in training (of three clips, one). No artist is in two splits, as long as there are
    enough artists for that. Where there are not, validation and test share an artist whom training
    does not have; a genre for which this cannot be done either has an artist whose clips are in
    training, too.

    Parameters
    ----------
    genres : np.ndarray [shape=(n,)]
        Three clips of each at least.
    artists : np.ndarray [shape=(n,), int]
        As from `train.data.tracks.artist_groups`.
    seed : int >= 0

    Returns
    -------
    np.ndarray [shape=(n,), str]
        The split of each clip, one of `train.data.tracks.SPLITS`.

    Examples
    --------
    >>> genres = np.repeat(["Pop", "Rock"], [3, 43])
    >>> splits = deal(genres, np.arange(46), seed=0)
    >>> np.unique(splits[genres == "Pop"], return_counts=True)[1].tolist()
    [1, 1, 1]
    >>> int((splits == "training").sum())
    36
    """
    rng = np.random.default_rng(seed)
    genre = np.unique(genres, return_inverse=True)[1]
    artist = np.unique(artists, return_inverse=True)[1]
    total = np.bincount(genre)
    wanted = np.maximum(1, np.round(total * _SHARE)).astype(int)
    # Of three clips one stays, of four two.
    kept = np.minimum((total + 1) // 2, total - 2)
    splits = np.full(len(genre), "training", dtype=object)
    for name in ("test", "validation"):
        left = splits == "training"
        # An artist of whom another split has clips is not held out here, too.
        whole = left & ~np.isin(artist, artist[~left])
        sizes, apart = np.zeros((2, artist.max() + 1, len(total)), dtype=int)
        np.add.at(sizes, (artist[left], genre[left]), 1)
        np.add.at(apart, (artist[whole], genre[whole]), 1)
        chosen = _whole_artists(apart, sizes.sum(axis=0) - kept, wanted, rng)
        splits[left & np.isin(artist, chosen)] = name
        for lacking in np.setdiff1d(genre, genre[splits == name]):
            splits[_some_clips(lacking, genre, artist, splits, int(wanted[lacking]), rng)] = name
    return splits


def _whole_artists(
    sizes: np.ndarray, spare: np.ndarray, wanted: np.ndarray, rng: np.random.Generator
) -> list[int]:
    """Artists to hold out with all their clips.

    Parameters
    ----------
    sizes : np.ndarray [shape=(n_artists, n_genres), int]
        Number of clips.
    spare, wanted : np.ndarray [shape=(n_genres,), int]
        How many clips may be held out, and how many should be.
    rng : np.random.Generator

    Returns
    -------
    list of int
        First those who bring each genre, that of the fewest artists first, with as few clips too
        many as can be; then others, while there are not too many.
    """
    held, chosen = np.zeros_like(wanted), []
    shuffled = rng.permutation(np.flatnonzero(sizes.any(axis=1)))
    for genre in np.argsort((sizes > 0).sum(axis=0), kind="stable"):
        if held[genre]:
            continue
        after = held + sizes[shuffled]
        fits = ((after <= spare) | (sizes[shuffled] == 0)).all(axis=1)
        fits &= sizes[shuffled, genre] > 0
        if fits.any():
            excess = np.maximum(after - wanted, 0).sum(axis=1)
            chosen.append(shuffled[fits][excess[fits].argmin()])
            held = held + sizes[chosen[-1]]
    most = np.minimum(wanted, spare)
    for artist in shuffled[~np.isin(shuffled, chosen)]:
        if ((held + sizes[artist] <= most) | (sizes[artist] == 0)).all():
            chosen.append(artist)
            held = held + sizes[artist]
    return chosen


def _some_clips(
    genre_: int,
    genre: np.ndarray,
    artist: np.ndarray,
    splits: np.ndarray,
    wanted: int,
    rng: np.random.Generator,
) -> np.ndarray:
    """Clips of a genre for a split that has none, where no artist can be held out as a whole.

    Half of what another split holds out of artists whom training does not have; else clips of the
    artist of most.

    Returns
    -------
    np.ndarray [shape=(m,), int]
        Indices of clips.
    """
    own, training = genre == genre_, splits == "training"
    unheard = np.flatnonzero(own & ~training & ~np.isin(artist, artist[training]))
    if len(unheard) >= 2:
        by_artist = unheard[np.argsort(artist[unheard], kind="stable")]
        return by_artist[: len(by_artist) // 2]
    left = own & training
    clips = np.flatnonzero(left & (artist == np.bincount(artist[left]).argmax()))
    spare = int(left.sum()) - 1
    return rng.permutation(clips)[: min(wanted, spare, max(1, len(clips) - 1))]
