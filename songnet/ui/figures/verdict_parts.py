"""What stands below a verdict, as HTML: the sections, the moments, that a clip was repeated."""

from html import escape

from songnet.colours import genre_colours
from songnet.prediction import Prediction
from songnet.sections import Section
from songnet.spec import SPEC
from songnet.words import clock, whole_seconds

# A clip that lacks no more than this of a window is not called short.
_NEARLY_S = 1.0


def course(prediction: Prediction) -> str:
    """The song's sections as a bar, as wide as they are long; empty for one section."""
    sections = prediction.sections
    if len(sections) < 2:
        return ""
    colours = genre_colours(prediction.probabilities)
    parts = "".join(
        f'<span class="{_section_class(section)}" style="flex-grow: '
        f"{section.end_s - section.start_s:.2f}"
        f'{f"; --genre: {colours[section.genre]}" if section.genre else ""}"></span>'
        for section in sections
    )
    told = ", ".join(
        f"{section.genre or 'silence'} from {clock(section.start_s)}" for section in sections
    )
    return f'<div class="sn-course" role="img" aria-label="{escape(told)}">{parts}</div>'


def _section_class(section: Section) -> str:
    if section.genre is None:
        return "sn-silent"
    return "sn-sure" if section.sure else "sn-unsure"


def moments(prediction: Prediction) -> str:
    """Buttons that play the moments which told the answer; empty without any."""
    buttons = "".join(
        f'<button type="button" class="sn-moment" data-play-from="{moment:.1f}" '
        f'aria-label="Play from {clock(moment)}">▶ {clock(moment)}</button>'
        for moment in prediction.moments
    )
    return f'<p class="sn-moments"><span>What told it:</span> {buttons}</p>' if buttons else ""


def repeated(prediction: Prediction) -> str:
    """That a clip was too short, and what was done about it; empty for others."""
    is_silent = prediction.verdict.kind == "silence"
    if is_silent or prediction.duration_s > SPEC.window_seconds - _NEARLY_S:
        return ""
    return (
        f'<p class="sn-note">It lasts {whole_seconds(prediction.duration_s)} s, and SongNet hears '
        f"{SPEC.window_seconds:.0f} s at once: it was repeated to fill them.</p>"
    )
