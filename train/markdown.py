"""Writes Markdown: tables, and the parts between two marks in a text that is otherwise kept."""

from collections.abc import Iterable, Sequence

from train.errors import DataError

_BEGIN, _END = "<!-- {}: begin -->", "<!-- {}: end -->"


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table, without a line break at its end.

    Parameters
    ----------
    header : sequence of str
        Titles of the columns.
    rows : iterable of sequences of str
        The cells of each row, as many as there are columns.

    Returns
    -------
    str

    Examples
    --------
    >>> print(table(["Genre", "Recall"], [["Rock", "71 %"], ["Pop", ""]]))
    | Genre | Recall |
    |---|---|
    | Rock | 71 % |
    | Pop | |
    """
    return "\n".join([row(header), "|" + "---|" * len(header), *map(row, rows)])


def row(cells: Iterable[str]) -> str:
    """One line of a table."""
    return "|" + "".join(f" {cell} |" if cell else " |" for cell in cells)


def has_part(text: str, name: str) -> bool:
    """Whether a text has the mark with which a part begins."""
    return _BEGIN.format(name) in text


def with_part(text: str, name: str, content: str) -> str:
    """A text with new content between the two marks of a part.

    Raises
    ------
    DataError
        If the text does not have each mark exactly once, in their order.
    """
    begin, end = (mark.format(name) for mark in (_BEGIN, _END))
    if text.count(begin) != 1 or text.count(end) != 1 or text.index(begin) > text.index(end):
        raise DataError(f"The text needs the marks {begin} and {end}, each once, in this order.")
    before, rest = text.split(begin)
    _, after = rest.split(end)
    return f"{before}{begin}\n{content}\n{end}{after}"
