"""Whether a name holds words that insult people: the page shows such a track to nobody unasked.

The list of words is that of obscenity (MIT licence), which its community keeps, as its port to
Python brings it. It was made for English and looks inside words, too: of the names of FMA's clips
it takes a few for what they are not, which costs these their place among the similar tracks.
"""

from pyobscenity import check

from train.data.splits import Split


def offends(split: Split, artist: str, title: str) -> bool:
    """Says whether a track's artist or title holds a word of the list.

    Parameters
    ----------
    split : Split
        The track's. Names in a collection of one's own are nobody else's business: none offends.
    artist, title : str
    """
    return is_public(split) and (check(artist) or check(title))


def is_public(split: Split) -> bool:
    """Whether a split is of the Free Music Archive, and not of somebody's own music."""
    return split.data_set.data_set.startswith("FMA-")
