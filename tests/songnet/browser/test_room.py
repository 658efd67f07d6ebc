"""The page listens to the room: Chromium's fake microphone plays a song."""

import contextlib
import csv
import itertools
import shutil

import numpy as np
import pytest

from songnet import audio
from songnet.classifier import Classifier
from tests.support import songs
from tests.support.page_visits import BROWSER_OPTIONS

pytestmark = [pytest.mark.browser, pytest.mark.slow]

_REMEMBER_TRACKS = """
    window.tracks = [];
    const open = navigator.mediaDevices.getUserMedia;
    navigator.mediaDevices.getUserMedia = async (wanted) => {
        const stream = await open.call(navigator.mediaDevices, wanted);
        tracks.push(...stream.getAudioTracks());
        return stream;
    };
"""
_REFUSE = """
    navigator.mediaDevices.getUserMedia = async () => {{
        throw new DOMException("", "{name}");
    }};
"""


@pytest.fixture
def listening(visit):
    """A visitor who has pressed the button, and sees the first answer."""
    seen = visit(
        permissions=["microphone"], before=lambda tab, _: tab.add_init_script(_REMEMBER_TRACKS)
    ).ready()
    seen.tab.click("#listen")
    seen.tab.wait_for_selector(".verdict h2")
    return seen


def ribbon(seen):
    """The rows of the table that the page saves."""
    with seen.tab.expect_download() as download:
        seen.tab.click("#save-ribbon")
    with open(download.value.path(), encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def test_the_room_is_heard_live_and_saved(listening):
    settings = listening.tab.evaluate("tracks[0].getSettings()")
    for spoils in ("echoCancellation", "noiseSuppression", "autoGainControl"):
        assert settings[spoils] is False
    listening.tab.click("#listen:has-text('Stop')")
    assert listening.tab.evaluate("tracks[0].readyState") == "ended"
    (first, *_) = ribbon(listening)
    assert float(first["time_s"]) > 0
    assert first["genre"]
    assert 0 < sum(float(first[genre]) for genre in ("Rock", "Pop")) <= 1
    assert listening.complaints == []


_ONE_RATE = """
    const { createMediaStreamSource } = AudioContext.prototype;
    AudioContext.prototype.createMediaStreamSource = function (stream) {
        if (this.sampleRate !== 48000) throw new DOMException("", "NotSupportedError");
        return createMediaStreamSource.call(this, stream);
    };
    window.AudioContext = class extends AudioContext {
        constructor(options) {
            super(options ?? { sampleRate: 48000 });
        }
    };
"""


def test_a_microphone_at_its_own_rate(visit):
    """As older versions of Firefox give it."""
    seen = visit(
        permissions=["microphone"], before=lambda tab, _: tab.add_init_script(_ONE_RATE)
    ).ready()
    seen.tab.click("#listen")
    seen.tab.wait_for_selector("#save-ribbon:visible")
    assert seen.text(".verdict h2") not in ("", "Nothing to hear")
    assert seen.complaints == []


def test_listening_again_keeps_what_was_heard(listening):
    listening.tab.click("#listen:has-text('Stop')")
    before = ribbon(listening)
    listening.tab.click("#listen:has-text('Listen')")
    listening.tab.wait_for_selector(".verdict h2")
    listening.tab.click("#listen:has-text('Stop')")
    after = ribbon(listening)
    assert after[: len(before)] == before
    assert float(after[-1]["time_s"]) > float(before[-1]["time_s"])


def test_a_song_ends_the_listening_and_is_shown(listening, tmp_path):
    listening.hear(songs.write(tmp_path / "song.wav", songs.synthesise(2.0)))
    listening.tab.wait_for_selector(".metadata")
    assert listening.tab.evaluate("tracks[0].readyState") == "ended"
    assert listening.text("#listen") == "Listen to the room"
    assert listening.complaints == []


def test_who_hears_the_page_read_aloud_is_told_of_changes_alone(listening):
    listening.tab.evaluate(
        """() => {
            window.told = [];
            const status = document.getElementById("status");
            new MutationObserver(() => told.push(status.textContent))
                .observe(status, { childList: true, characterData: true, subtree: true });
        }"""
    )
    listening.tab.wait_for_selector("#status:has-text('In the room: ')")
    listening.tab.wait_for_timeout(4000)
    told = listening.tab.evaluate("told")
    assert all(a != b for a, b in itertools.pairwise(told))
    assert listening.tab.locator(".stack[aria-live=off] .verdict").count() == 1


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("NotAllowedError", "The microphone is not allowed: allow it beside the address, and"),
        ("NotFoundError", "There is no microphone: connect one."),
        ("NotReadableError", "The microphone does not start: close other programs that use it."),
    ],
)
def test_no_microphone(visit, tmp_path, name, sentence):
    script = _REFUSE.format(name=name)
    seen = visit(before=lambda tab, _: tab.add_init_script(script)).ready()
    seen.tab.click("#listen")
    seen.tab.wait_for_selector("#problem:not([hidden])")
    assert seen.text("#problem").startswith(sentence)
    assert seen.text("#listen") == "Listen to the room"
    seen.hear(songs.write(tmp_path / "song.wav", songs.synthesise(2.0)))
    assert seen.tab.locator("#problem").is_hidden()
    assert seen.text(".verdict h2")


def test_a_microphone_that_is_taken_away(listening):
    listening.tab.evaluate("tracks[0].dispatchEvent(new Event('ended'))")
    listening.tab.wait_for_selector("#problem:not([hidden])")
    assert listening.text("#problem") == (
        "The microphone was taken away: connect it and start again."
    )
    assert listening.text("#listen") == "Listen to the room"


def test_the_genre_follows_the_music(browser, visit, shared_audio, weights, tmp_path):
    """Two real clips, one after the other, and over again."""
    classifier = Classifier(weights)
    sure = {}
    for path in sorted(shared_audio.glob("*.mp3")):
        prediction = classifier.classify(path)
        if prediction.confidence > 0.7:
            sure.setdefault(prediction.genre, path)
    (first, one), (second, two), *_ = sure.items()
    played = tmp_path / "played.wav"
    songs.write(played, np.concatenate([audio.read(one), audio.read(two)])[:, None])
    options = [*BROWSER_OPTIONS, f"--use-file-for-fake-audio-capture={played}"]
    with contextlib.closing(
        browser.browser_type.launch(executable_path=shutil.which("chromium"), args=options)
    ) as other:
        seen = visit(permissions=["microphone"], chromium=other).ready()
        seen.tab.click("#listen")
        for genre in (first, second, first):
            seen.tab.wait_for_selector(f".verdict h2:text-is('{genre}')")
        seen.tab.click("#listen")
        moments = ribbon(seen)
    # 30 s of the first clip are followed by the second, which has the last word 30 s later.
    start = float(moments[0]["time_s"])
    heard = [(float(m["time_s"]) - start, m["genre"]) for m in moments]
    assert next(time for time, genre in heard if genre == second and time > 30) < 65
