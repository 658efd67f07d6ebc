"""The cards as HTML: links lead to web pages alone, and a file's own words stay words."""

from dataclasses import replace

from songnet import GENRES
from songnet.audio import AudioInfo
from songnet.audio.tags import Tags
from songnet.prediction import Prediction
from songnet.similar import Neighbour, Track
from songnet.ui.figures import cards

_INFO = AudioInfo("MP3", "mp3", 44_100, 2, 256_000, 30.0)
_PREDICTION = Prediction(
    "Pop", 0.125, True, 30.0, dict.fromkeys(GENRES, 1 / 8), [], {}, "<b>.mp3", Tags()
)
_KNOWN = Track(5, "AWOL", "This <World>", "Hip-Hop")


def test_only_web_pages_become_links():
    pages = ["https://example.org/a?b=<c>", "", "javascript:alert(1)"]
    tracks = [replace(_KNOWN, page=page) for page in pages]
    shown = cards.similar([Neighbour(track, 0.5, "close") for track in tracks], GENRES)
    assert shown.count(">close<") == 3
    assert 'href="https://example.org/a?b=&lt;c&gt;"' in shown
    assert shown.count("<a ") == 1
    assert "javascript" not in shown
    assert cards.similar([], GENRES) == ""


def test_a_link_says_whether_it_is_a_page_or_a_sound():
    links = {
        None: ">Find</a>",
        "https://example.org/song": ">Visit</a>",
        "https://example.org/song.MP3?download=1": ">Hear</a>",
    }
    for page, link in links.items():
        assert link in cards.similar([Neighbour(replace(_KNOWN, page=page), 0.5, "close")], GENRES)


def test_what_the_archive_knows_is_shown_where_the_file_says_nothing():
    shown = cards.metadata(_PREDICTION, _INFO, known=_KNOWN)
    for fact in ("This &lt;World&gt;", "AWOL", "known from FMA", "&lt;b&gt;.mp3", "Hip-Hop"):
        assert fact in shown
    tagged = replace(_PREDICTION, tags=Tags(artist="Nobody"))
    shown = cards.metadata(tagged, _INFO, known=_KNOWN)
    assert "Nobody" in shown
    assert "AWOL" not in shown
    assert "known from FMA" not in shown
    assert "<b>" not in shown


def test_warnings_come_with_the_verdict_and_are_spoken():
    assert "sn-warning" not in cards.verdict(_PREDICTION)
    shown = cards.verdict(replace(_PREDICTION, warnings=["Half of <i> is there.", "Two."]))
    assert '<p class="sn-warning" role="status">Half of &lt;i&gt; is there.</p>' in shown
    assert shown.index("sn-headline") < shown.index("Half of") < shown.index("Two.")


def test_a_message_is_text():
    assert "&lt;i&gt;" in cards.alert("<i>")
    assert "&lt;i&gt;" in cards.notice("<i>")


def test_the_format_is_named_as_people_do():
    info = AudioInfo("MP3", "mp3", 44_100, 2, 256_000, 30.0)
    assert "MP3 · 44.1 kHz · stereo" in cards.metadata(_PREDICTION, info)
    info = AudioInfo("WebM", "opus", 48_000, 3, None, None)
    assert "WebM · 48 kHz · 3 channels" in cards.metadata(_PREDICTION, info)
