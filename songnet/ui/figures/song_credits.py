"""The songs that the page offers: whose they are, and their covers on the buttons."""

import base64
from html import escape

from songnet.examples import EXAMPLES


def try_these() -> str:
    """What stands above the buttons, as HTML: where each song is from, and its licence."""
    sources = ", ".join(
        f'<a href="{escape(example.source)}" target="_blank" rel="noopener">'
        f"{escape(example.title)}</a> "
        f'(<a href="{escape(example.licence_url)}" target="_blank" rel="noopener" '
        f'aria-label="Licence of {escape(example.title)}">{escape(example.licence)}</a>)'
        for example in EXAMPLES
    )
    return f"<h2>No song at hand?</h2><p class='sn-credits'>Free music: {sources}.</p>"


def covers() -> str:
    """CSS that gives each of the buttons its cover: they follow one another in their column."""
    return "".join(
        f".sn-try button.sn-example:nth-of-type({i}){{--cover:url(data:image/jpeg;base64,"
        f"{base64.b64encode(example.cover()).decode()})}}"
        for i, example in enumerate(EXAMPLES, start=1)
    )
