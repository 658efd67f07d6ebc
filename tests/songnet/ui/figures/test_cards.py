"""The cards as HTML: links lead to web pages alone, and a file's own words stay words."""

from dataclasses import replace

from songnet import GENRES
from songnet.audio import AudioInfo
from songnet.audio.tags import Tags
from songnet.classifier import SILENT
from songnet.known_tracks import Neighbour, Track
from songnet.prediction import Prediction
from songnet.ui.figures import cards
from songnet.window_prediction import WindowPrediction

_INFO = AudioInfo("MP3", "mp3", 44_100, 2, 256_000, 30.0)
_PREDICTION = Prediction(
    "Pop", 0.125, True, 30.0, dict.fromkeys(GENRES, 1 / 8), [], {}, "<b>.mp3", Tags()
)
_HIP_HOP = {"genre": "Hip-Hop", "probabilities": {"Hip-Hop": 0.9, "Rock": 0.1}}
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


def told(*windows, abstained=False, seconds=None):
    """A prediction for windows of a genre each; None is silence."""
    heard = [
        WindowPrediction(
            30.0 * i,
            min(30.0 * (i + 1), seconds or 1e9),
            {name: 0.8 if name == genre else 0.1 for name in ("Folk", "Pop", "Rock")},
            [1 / 128] * 60 + [5 / 128] * 8 + [1 / 128] * 60,
            silent=genre is None,
        )
        for i, genre in enumerate(windows)
    ]
    shares = {"Folk": 0.1, "Pop": 0.1, "Rock": 0.8}
    end = heard[-1].end_s
    return Prediction("Rock", 0.8, abstained, end, shares, heard, {}, sure_from=0.45)


def test_a_change_is_told_with_a_bar_of_its_sections():
    shown = cards.verdict(told("Folk", "Folk", None, "Rock"))
    assert ">Changes: Folk → Rock</h2>" in shown
    assert "<span>Hip-Hop</span>" in cards.verdict(
        replace(_PREDICTION, abstained=False, **_HIP_HOP)
    )
    assert 'aria-label="Folk from 0:00, silence from 1:00, Rock from 1:30"' in shown
    assert "flex-grow: 60.00; --genre: light-dark(#968700, #d8e175)" in shown
    assert "sn-course" not in cards.verdict(told("Rock", "Rock"))


def test_a_name_without_a_gap_has_a_line_of_its_own_below_the_short_facts():
    tagged = replace(_PREDICTION, file="armygeddon.mp3", tags=Tags(title="Armygeddon", year=2006))
    wide = cards.metadata(tagged, _INFO).split('<div class="sn-wide">')
    assert [part.partition("</dt>")[0] for part in wide[1:]] == ["<dt>Format", "<dt>File"]
    assert "<dt>Bit rate</dt>" in wide[0]


def test_what_told_it_can_be_played():
    shown = cards.verdict(told("Rock", "Rock"))
    assert shown.count("data-play-from=") == 2
    assert "▶ 0:1" in shown
    assert "What told it" not in cards.verdict(told(None, abstained=True))


def test_a_clip_that_was_repeated_says_so():
    assert "It lasts 12 s" in cards.verdict(told("Rock", seconds=12))
    assert "It lasts" not in cards.verdict(told("Rock"))


def test_in_silence_there_is_nothing_to_hear_and_to_compare():
    silent = told(None, abstained=True)
    assert ">Nothing to hear</h2>" in cards.verdict(silent)
    assert cards.bars(silent) == ""
    # The answer says it: of its warnings only another one is left.
    warned = cards.verdict(replace(silent, warnings=[SILENT, "It is cut off."]))
    assert SILENT not in warned
    assert "It is cut off." in warned
    assert "Nothing to hear" in cards.metadata(silent, _INFO)
