"""What the package needs: lower bounds in `pyproject.toml`, pins in the requirements' files."""

import tomllib
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.support.paths import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def bounds(extra: str | None = None) -> dict[str, Requirement]:
    """The requirements of the package, or of one of its extras, by their name.

    Parameters
    ----------
    extra : str or None
        None for what serves. The extras that this one contains are left out.

    Returns
    -------
    dict of str to Requirement
    """
    listed = PROJECT["dependencies"]
    if extra is not None:
        listed = PROJECT["optional-dependencies"][extra]
    found = (Requirement(text) for text in listed)
    return {canonicalize_name(needed.name): needed for needed in found if needed.name != "songnet"}


def contained(extra: str) -> set[str]:
    """The extras that an extra contains."""
    listed = (Requirement(text) for text in PROJECT["optional-dependencies"][extra])
    return {name for needed in listed if needed.name == "songnet" for name in needed.extras}


def lowest() -> list[str]:
    """What serves, each at its lowest version, as pip's constraints have it."""
    return [
        f"{name}=={clause.version}"
        for name, needed in bounds().items()
        for clause in needed.specifier
        if clause.operator == ">="
    ]


def pins(file: str) -> dict[str, Requirement]:
    """What a file pins itself, by name; files that it names are left out.

    Parameters
    ----------
    file : str
        Its path in the project.

    Returns
    -------
    dict of str to Requirement
    """
    found = (Requirement(line) for line in _lines(file) if not line.startswith("-r "))
    return {canonicalize_name(pinned.name): pinned for pinned in found}


def included(file: str) -> set[str]:
    """The files that a file names, and those that these name, as paths in the project."""
    found = set()
    for line in _lines(file):
        if line.startswith("-r "):
            path = (ROOT / file).parent / line.removeprefix("-r ")
            name = path.resolve().relative_to(ROOT).as_posix()
            found |= {name, *included(name)}
    return found


def _lines(file: str | Path) -> list[str]:
    text = (ROOT / file).read_text(encoding="utf-8")
    return [line for line in text.splitlines() if line and not line.startswith("#")]
