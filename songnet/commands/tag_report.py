"""What `songnet tag` says: a row for each song, for people and as JSON, and a summary."""

import json
from collections.abc import Iterable
from typing import Any

from songnet.commands.console import print_line
from songnet.names import printable
from songnet.tagging import Proposal
from songnet.tagging.proposal import counted
from songnet.words import percent

_HEADINGS = ("File", "There now", "Proposed", "Sure", "Remark")
# Characters of a cell: the ends of a path say most.
_WIDEST = 60
WRITTEN = "written"


class Report:
    """Rows, one for each song, in columns that are as wide as what stands in them.

    Parameters
    ----------
    rows : iterable of (str, Proposal)
        All that may be shown: each file's name and what is proposed for it.
    as_json : bool
    """

    def __init__(self, rows: Iterable[tuple[str, Proposal]], *, as_json: bool):
        self._as_json = as_json
        self._widths = [len(heading) for heading in _HEADINGS]
        for name, proposal in rows:
            cells = _cells(name, proposal, "")
            self._widths = [max(w, len(c)) for w, c in zip(self._widths, cells, strict=True)]
        if not as_json and self._widths[0] > len(_HEADINGS[0]):
            self._print(_HEADINGS)

    def show(self, name: str, proposal: Proposal, *, written: bool = False) -> None:
        """Prints a song's row."""
        if self._as_json:
            print_line(json.dumps(to_json(name, proposal, written=written), ensure_ascii=False))
        else:
            self._print(_cells(name, proposal, WRITTEN if written else proposal.why_not or ""))

    def fail(self, name: str, error: str) -> None:
        """Prints the row of a file that has no answer, which is a line of its own for people."""
        if self._as_json:
            print_line(json.dumps({"file": name, "error": error}, ensure_ascii=False))

    def _print(self, cells: Iterable[str]) -> None:
        padded = (cell.ljust(width) for cell, width in zip(cells, self._widths, strict=True))
        print_line("  ".join(padded).rstrip())


def to_json(name: str, proposal: Proposal, *, written: bool) -> dict[str, Any]:
    """A song's row as plain Python objects."""
    return {
        "file": name,
        "path": printable(str(proposal.path)),
        "now": [printable(value) for value in proposal.now],
        "genre": proposal.genre,
        "confidence": round(proposal.confidence, 6),
        "proposed": list(proposal.values),
        "why_not": proposal.why_not,
        "written": written,
    }


def _cells(name: str, proposal: Proposal, last: str) -> tuple[str, ...]:
    now, proposed = (printable(", ".join(v)) for v in (proposal.now, proposal.values))
    texts = (name, now, proposed, f"{percent(proposal.confidence)} %")
    if not proposal.audible:
        texts = (name, now, "", "")
    return (*map(_cut, texts), last)


def _cut(text: str) -> str:
    if len(text) <= _WIDEST:
        return text
    return f"{text[: _WIDEST // 3]}…{text[-_WIDEST + _WIDEST // 3 + 1 :]}"


def summary(proposals: list[Proposal], failed: int, written: int | None) -> str:
    """How many songs get a genre, and why the others do not.

    Parameters
    ----------
    proposals : list of Proposal
    failed : int
        Files without an answer.
    written : int or None
        None where nothing was to be written.
    """
    total = len(proposals) + failed
    if written is None:
        count = sum(proposal.why_not is None for proposal in proposals)
        done = f"{count} of {total} songs would get a genre"
    else:
        done = f"{written} of {total} songs got a genre"
    reasons = [f"{why} ({count})" for why, count in counted(proposals).items()]
    if failed:
        reasons.append(f"not heard ({failed})")
    left = f"; left: {', '.join(reasons)}" if reasons else ""
    return f"{done}{left}."
