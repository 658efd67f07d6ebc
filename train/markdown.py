"""Texts of which a part, between two marks, is written by a command."""

_BEGIN, _END = "<!-- {}: begin -->", "<!-- {}: end -->"


def has_part(text: str, name: str) -> bool:
    """Whether a text has the marks of a part."""
    return _BEGIN.format(name) in text


def with_part(text: str, name: str, content: str) -> str:
    """A text with new content between a part's marks.

    Raises
    ------
    ValueError
        If a mark is not there once.
    """
    begin, end = (mark.format(name) for mark in (_BEGIN, _END))
    before, rest = text.split(begin)
    _, after = rest.split(end)
    return f"{before}{begin}\n{content}\n{end}{after}"
