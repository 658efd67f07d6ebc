"""Parts of a training split in which only some artists' clips have labels."""

import numpy as np

from train.data.splits import Split


def labelled(training: Split, share: float, seed: int) -> Split:
    """The clips of so many artists that about a share of each genre's clips is left.

    Artists are drawn in a fixed order, genre by genre (an artist's genre is that of most clips), so
    that a smaller share is a part of a larger one.

    Parameters
    ----------
    training : Split
    share : float, 0..1
    seed : int
        Random seed of the order.

    Returns
    -------
    Split
    """
    _, artist = np.unique(training.artist_groups, return_inverse=True)
    counts = np.zeros((artist.max() + 1, len(training.genres)), dtype=int)
    np.add.at(counts, (artist, training.genre), 1)
    main = counts.argmax(axis=1)
    order = np.random.default_rng(seed).permutation(len(counts))
    chosen: list[int] = []
    for genre in range(counts.shape[1]):
        own = order[main[order] == genre]
        clips = counts[own].sum(axis=1)
        # The first artists with whom the share is reached.
        reached = np.cumsum(clips) - clips < share * clips.sum()
        chosen += own[reached].tolist()
    return training.take(np.flatnonzero(np.isin(artist, chosen)), training.name)
