"""MAP.toml: the user's own names for genres, one or several for each."""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

from songnet.errors import TagError
from songnet.names import printable, shown_name
from songnet.tagging.values import check_value

_MOST_BYTES = 2**20


@dataclass(frozen=True)
class NamesMap:
    """What genres are called in tags; those that are not in it keep their names.

    Attributes
    ----------
    names : mapping of str to tuple of str
        The values to write for a genre; none for a genre that is not to be written.

    Examples
    --------
    >>> names = NamesMap.of({"Pop": ["Pop", "Charts"]}, ["Pop", "Rock"])
    >>> names.values("Pop"), names.values("Rock")
    (('Pop', 'Charts'), ('Rock',))
    """

    names: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def values(self, genre: str) -> tuple[str, ...]:
        """What is written for a genre."""
        return self.names.get(genre, (genre,))

    @classmethod
    def of(cls, named: Mapping[str, Any], genres: Sequence[str], source: str = "The map") -> Self:
        """A map from a name or a list of names for each genre.

        Parameters
        ----------
        named : mapping of str to (str or list of str)
        genres : sequence of str
            Those that there are.
        source : str
            What errors call the map.

        Raises
        ------
        TagError
            If it names a genre that there is not, or if a name cannot be written.
        """
        unknown = [printable(str(genre)) for genre in named if genre not in genres]
        if unknown:
            raise TagError(
                f"{source} names “{'”, “'.join(unknown)}”, which SongNet does not answer: there "
                f"are {', '.join(genres)}."
            )
        return cls({genre: _values(genre, names, source) for genre, names in named.items()})

    @classmethod
    def load(cls, path: str | Path, genres: Sequence[str]) -> Self:
        """Reads a map from TOML: a line such as ``Hip-Hop = "Rap"`` or ``Pop = ["Pop", "Charts"]``.

        Parameters
        ----------
        path : path of a file
        genres : sequence of str
            Those that there are: SongNet's, or the user's own.

        Raises
        ------
        TagError
            If it cannot be read, is no TOML, or as for `of`.
        """
        name = shown_name(path)
        try:
            with open(path, "rb") as file:
                content = file.read(_MOST_BYTES + 1)
        except (OSError, ValueError) as error:
            why = getattr(error, "strerror", None) or "its name is none"
            raise TagError(f"{name} cannot be read ({why}): check its name.") from error
        if len(content) > _MOST_BYTES:
            raise TagError(f"{name} is larger than any map of genres: name another file.")
        try:
            named = tomllib.loads(content.decode("utf-8-sig"))
        except (ValueError, RecursionError) as error:
            raise TagError(
                f"{name} is no TOML ({printable(str(error))}): write a line such as "
                'Hip-Hop = "Rap" for each genre.'
            ) from error
        return cls.of(named, genres, name)


def _values(genre: str, names: Any, source: str) -> tuple[str, ...]:
    values = [names] if isinstance(names, str) else names
    if not isinstance(values, list) or not all(isinstance(value, str) for value in values):
        raise TagError(
            f"{source} has no name for “{genre}”: write one in quotation marks, or several in "
            "square brackets."
        )
    for value in values:
        check_value(value)
    return tuple(dict.fromkeys(values))
