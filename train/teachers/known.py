"""The teachers that there are, by name."""

from collections.abc import Sequence
from functools import cache

from train.errors import DataError
from train.teachers.clap import Clap
from train.teachers.musicnn import Musicnn
from train.teachers.teacher import Teacher, check_installed
from train.teachers.vggish import Vggish

TEACHERS: dict[str, type[Teacher]] = {teacher.name: teacher for teacher in (Clap, Musicnn, Vggish)}


def named(names: str) -> tuple[str, ...]:
    """The teachers that an option names, each once, in alphabetical order.

    Parameters
    ----------
    names : str
        Names of `TEACHERS`, with commas between them.

    Raises
    ------
    DataError
        If there is none of a name.
    """
    found = sorted({name.strip() for name in names.split(",")})
    if unknown := [name for name in found if name not in TEACHERS]:
        raise DataError(
            f"--teacher takes {', '.join(TEACHERS)}, one or more with commas between them. "
            f"Received: {', '.join(unknown) or 'none'}"
        )
    return tuple(found)


def fetch(names: Sequence[str]) -> None:
    """Fetches the weights of these teachers, if all that runs them is installed.

    Raises
    ------
    DataError
        As for `Teacher.fetch`; it names all packages that are missing.
    """
    teachers = [TEACHERS[name] for name in names]
    check_installed(teachers)
    for teacher in teachers:
        teacher.fetch()


@cache
def loaded(name: str) -> Teacher:
    """The teacher of this name, loaded once a process; errors are those of `Teacher.fetch`."""
    return TEACHERS[name]()
