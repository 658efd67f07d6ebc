"""The user's own genres, learned from a few songs each by the network's embeddings.

Nothing is trained: a genre is the mean direction of its songs' embeddings, and a song belongs to
the genre to which its own is nearest. `python -m train own-genres` compared this with other ways.
"""

from songnet.own_genres.genres import OwnGenres
from songnet.own_genres.held_out import HeldOut
from songnet.own_genres.songs import TaughtSong

__all__ = ["HeldOut", "OwnGenres", "TaughtSong"]
