"""The parts of the tab for one song that never change, as HTML: `songnet/ui/assets` moves them."""

from songnet.audio import SUFFIXES
from songnet.audio.formats import ACCEPTED
from songnet.words import clock

# Longest recording [s]: as much as the network hears at once.
_RECORDED_S = 30
_ENDINGS = ",".join(["audio/*", *sorted(SUFFIXES)])


def _icon(path: str) -> str:
    return f'<svg viewBox="0 0 24 24" aria-hidden="true"><path d="{path}"/></svg>'


_NOTE = _icon("M9 4v10.6A3.5 3.5 0 1 0 11 17.5V8h7V4z")
_MICROPHONE = _icon(
    "M12 3a3 3 0 0 0-3 3v5a3 3 0 0 0 6 0V6a3 3 0 0 0-3-3zM5 11a7 7 0 0 0 6 6.9V21h2v-3.1a7 7 0 0 0 "
    "6-6.9h-2a5 5 0 0 1-10 0z"
)
_PLAY = (
    '<svg viewBox="0 0 24 24" aria-hidden="true"><path class="sn-if-paused" d="M8 5v14l11-7z"/>'
    '<path class="sn-if-playing" d="M6 5h4v14H6zM14 5h4v14h-4z"/></svg>'
)
_CLOSE = _icon(
    "M6.4 5 5 6.4 10.6 12 5 17.6 6.4 19l5.6-5.6 5.6 5.6 1.4-1.4-5.6-5.6L19 6.4 17.6 5 12 10.6z"
)
_RECORD = (
    f'<button type="button" data-song="record" aria-label="Record">{_MICROPHONE}'
    "<span>Record</span></button>"
)


def choice(max_seconds: float) -> str:
    """Where a song is dropped, chosen or recorded.

    Parameters
    ----------
    max_seconds : float [s]
        Length of the longest song that is accepted.
    """
    return (
        f'<div class="sn-drop">{_NOTE}<p class="sn-drop-here">Drop a song anywhere</p>'
        '<div class="sn-drop-buttons"><button type="button" class="sn-primary" '
        f'data-song="choose">Choose a file</button>{_RECORD}</div>'
        f'<p class="sn-hint">{ACCEPTED}, from 1 s to {max_seconds / 60:g} min</p></div>'
    )


# While a song is on its way, it has no title yet: its file's name stands there.
CONTROLS = (
    '<div class="sn-coming"><span class="sn-cover sn-no-cover" aria-hidden="true">♪</span>'
    '<div class="sn-names"><p class="sn-song-title" data-song="name"></p>'
    '<p class="sn-artist" role="status" data-song="step"></p></div></div>'
    '<div class="sn-controls">'
    f'<button type="button" class="sn-round" data-play="toggle" aria-label="Play">{_PLAY}</button>'
    '<span class="sn-gap"></span>'
    '<button type="button" data-song="choose">Another song</button>'
    f"{_RECORD}"
    f'<button type="button" class="sn-quiet" data-song="clear" aria-label="Clear">{_CLOSE}</button>'
    "</div>"
)

# What is there in every state: the sound, the microphone's panel, and what went wrong before the
# song was heard.
ALWAYS = (
    '<section class="sn-recorder" aria-label="Microphone" hidden>'
    '<div class="sn-ring"><svg viewBox="0 0 120 120" aria-hidden="true">'
    '<circle class="sn-level" cx="60" cy="60" r="40"/><circle cx="60" cy="60" r="54"/>'
    '<circle class="sn-passed" cx="60" cy="60" r="54" pathLength="1"/></svg>'
    '<button type="button" data-song="stop-recording" aria-label="Stop and listen">'
    "<span></span></button></div>"
    f'<p class="sn-recorded"><span role="timer">0:00</span> of {clock(_RECORDED_S)}</p>'
    '<p class="sn-hint" role="status">SongNet hears the room: hold the device near the music. '
    f"It stops by itself after {_RECORDED_S} s.</p>"
    '<button type="button" data-song="drop-recording">Cancel</button></section>'
    '<p class="sn-card sn-trouble" role="alert" hidden></p>'
    f'<input type="file" class="sn-unseen" tabindex="-1" aria-label="Song" accept="{_ENDINGS}">'
    '<audio preload="auto"></audio>'
)

# Above the waveform.
TOOLS = (
    '<div class="sn-tools"><button type="button" class="sn-round" data-play="toggle" '
    f'aria-label="Play">{_PLAY}</button><p class="sn-time"><b data-play="now">0:00</b> / '
    '<span data-play="end">0:00</span></p><p class="sn-silent" hidden>This browser cannot play '
    'this kind of file.</p><span class="sn-zoom" role="group" aria-label="Zoom" hidden>'
    '<button type="button" data-zoom="0.5" aria-label="Zoom out">−</button>'
    '<button type="button" data-zoom="2" aria-label="Zoom in">+</button></span></div>'
)
