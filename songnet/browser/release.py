"""What the page in the browser is told of the weights and of the signal path."""

from typing import Any

from songnet import colours, sections
from songnet.audio import Limits
from songnet.colours import Pair, genre_colours
from songnet.spec import SPEC
from songnet.table import table_columns
from songnet.weights import Weights
from songnet.words import CONFIDENCE_WORDS

# The colours by their names in styles.css.
_VARIABLES = {
    "ground": colours.GROUND,
    "card": colours.CARD,
    "fill": colours.FILL,
    "line": colours.LINE,
    "text": colours.TEXT,
    "text-reversed": colours.TEXT_REVERSED,
    "muted": colours.MUTED,
    "link": colours.LINK,
    "selected": colours.SELECTED,
    "strong-hover": colours.STRONG_HOVER,
    "button": colours.BUTTON,
    "button-hover": colours.BUTTON_HOVER,
    "button-line": colours.BUTTON_LINE,
    "problem": Pair(colours.PROBLEM, colours.PROBLEM),
}


def constants(weights: Weights, nonce: str) -> dict[str, Any]:
    """The object ``RELEASE`` of the page's code (``page/src/types.d.ts``).

    Parameters
    ----------
    weights : Weights
    nonce : str
        What the page's security policy asks of style sheets that code adds.

    Returns
    -------
    dict
        Ready for `json.dumps`.
    """
    config = weights.config
    return {
        "version": config.version,
        "sha256": weights.sha256,
        "license": config.license,
        "genres": list(config.genres),
        "abstain_below": config.abstain_below,
        "sections": section_rule(),
        "colours": genre_colours(config.genres),
        "confidence_words": CONFIDENCE_WORDS,
        "columns": table_columns(config.genres),
        "sample_rate": SPEC.sample_rate,
        "window_samples": SPEC.window_samples,
        "min_samples": SPEC.min_samples,
        "n_fft": SPEC.n_fft,
        "silence_peak": SPEC.silence_peak,
        "max_seconds": Limits().max_seconds,
        "nonce": nonce,
    }


def section_rule() -> dict[str, float]:
    """How sections are formed: the object ``RELEASE.sections``."""
    return {
        "change": sections.CHANGE,
        "least": sections.LEAST,
        "share": sections.SHARE,
        "pair": sections.PAIR,
        "most_steps": sections.MOST_STEPS,
        "window_s": SPEC.window_seconds,
    }


def colour_sheet() -> str:
    """The page's colours for both schemes, as a style sheet of variables."""

    def block(scheme: int) -> str:
        lines = (f"    --{name}: {pair[scheme]};" for name, pair in _VARIABLES.items())
        return "  :root {\n" + "\n".join(lines) + "\n  }\n"

    return (
        f"@media (prefers-color-scheme: light) {{\n{block(0)}}}\n"
        f"@media (prefers-color-scheme: dark) {{\n{block(1)}}}\n"
    )
