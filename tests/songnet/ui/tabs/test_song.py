"""The page in a real Chromium: one song in, the whole answer out."""

import base64
import re

import pytest

from songnet.examples import EXAMPLES
from tests.support.page_visits import bad_files, half_a_song

GENRES = {
    "Electronic",
    "Experimental",
    "Folk",
    "Hip-Hop",
    "Instrumental",
    "International",
    "Pop",
    "Rock",
}

_REMEMBER_TRACKS = """() => {
    window.tracks = [];
    const open = navigator.mediaDevices.getUserMedia;
    navigator.mediaDevices.getUserMedia = async (wanted) => {
        const stream = await open.call(navigator.mediaDevices, wanted);
        tracks.push(...stream.getAudioTracks());
        return stream;
    };
}"""


def percentages(visit):
    return [
        int(re.fullmatch(r"(\d+) %", text)[1])
        for text in visit.tab.locator(".sn-bar-value").all_inner_texts()
    ]


def test_a_tagged_wav(visit, tagged):
    seen = visit()
    seen.upload(tagged("tune.wav", title="Tune", artist="Nobody", album="Nothing", year="1999"))
    assert set(seen.tab.locator(".sn-bar-name").all_inner_texts()) == GENRES
    assert len(percentages(seen)) == 8
    assert sum(percentages(seen)) == 100
    assert seen.text(".sn-headline") in GENRES | {"Not sure"}
    seen.tab.wait_for_selector("#timeline .js-plotly-plot .bars path")
    assert seen.tab.locator("#timeline .bars path").count() > 100
    assert seen.tab.locator("#timeline .scatterlayer .js-line").count() == 2
    card = seen.text("#metadata")
    for fact in ("Tune", "Nobody", "Nothing", "1999", "0:03", "WAV · 44.1 kHz · mono", "tune.wav"):
        assert fact in card
    assert seen.complaints == []


def test_a_sure_answer_names_genre_confidence_and_runner_up(visit, tagged):
    seen = visit()
    seen.upload(tagged("rock.wav"))
    assert seen.text(".sn-headline") == "Rock"
    assert seen.text(".sn-confidence").split("\n") == ["72 %", "fairly sure"]
    assert "Runner-up" in seen.text(".sn-detail")
    assert "68 points behind" in seen.text(".sn-detail")
    assert "rock.wav" in seen.text("#metadata")  # it has no title
    assert "Artist" not in seen.text("#metadata")


def test_abstention_says_so_and_names_two_candidates(visit, tagged):
    seen = visit()
    seen.upload(tagged("unsure.wav"))
    assert seen.text(".sn-headline") == "Not sure"
    assert "Hip-Hop (20 %)" in seen.text(".sn-detail")
    assert len(seen.tab.locator(".sn-detail b").all()) == 2


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.name)
def test_an_example_needs_one_click(visit, example):
    seen = visit()
    seen.tab.get_by_role("button", name=example.title).click()
    seen.tab.wait_for_selector(".sn-bars:visible")
    assert example.title in seen.text("#metadata")
    assert example.artist in seen.text("#metadata")
    assert seen.complaints == []


def test_what_a_file_says_is_text_and_nothing_else(visit, tagged):
    seen = visit()
    hostile = "<img src=x onerror=alert(1)> ${alert(2)} {{#if 1}}3{{/if}} $& </h3>"
    seen.tab.on("dialog", lambda _: pytest.fail("a file's tag ran as a script"))
    seen.upload(tagged("tune.wav", title=hostile, artist=hostile))
    assert hostile in seen.text("#metadata .sn-title")
    assert seen.complaints == []


def test_bad_files_get_one_sentence_and_the_page_goes_on(visit, tmp_path, tagged):
    seen = visit()
    for path, sentence in bad_files(tmp_path):
        seen.upload(path)
        assert re.search(sentence, seen.text(".sn-alert"))
        assert str(tmp_path) not in seen.tab.content()
        assert seen.tab.locator(".sn-bars:visible, #metadata:visible").count() == 0
    seen.upload(tagged("rock.wav"))
    assert seen.text(".sn-headline") == "Rock"
    # The player asks for the first bytes of every file, also of the empty one.
    assert [complaint for complaint in seen.complaints if "status of 416" not in complaint] == []


def test_half_a_song_is_answered_with_a_warning(visit, tmp_path):
    seen = visit()
    path, warning = half_a_song(tmp_path)
    seen.upload(path)
    assert seen.text("#verdict .sn-verdict [role=status]") == warning
    assert seen.tab.locator(".sn-bars:visible").count() == 1
    assert seen.complaints == []


def test_clearing_the_song_clears_the_answer(visit, tagged):
    seen = visit()
    seen.upload(tagged("rock.wav"))
    seen.tab.locator("#song button[aria-label=Clear]").click()
    seen.tab.wait_for_selector(".sn-empty")
    assert seen.tab.locator(".sn-bars:visible").count() == 0


def test_the_microphone(visit):
    """A synthesised song is played into Chromium's fake microphone."""
    seen = visit(permissions=["microphone"])
    seen.tab.evaluate(_REMEMBER_TRACKS)
    seen.tab.get_by_role("button", name="Record audio").click()
    seen.tab.locator("#song .record-button:visible").click()
    seen.tab.wait_for_timeout(2500)
    spoilt = seen.tab.evaluate(
        "tracks.map((track) => track.getSettings()).flatMap((set) => "
        "[set.echoCancellation, set.noiseSuppression, set.autoGainControl])"
    )
    assert spoilt
    assert not any(spoilt)
    seen.tab.locator("#song .stop-button:visible").click()
    seen.tab.wait_for_selector(".sn-bars:visible")
    assert sum(percentages(seen)) == 100
    assert seen.text("#metadata .sn-title") == "Recording"
    # The recording has sound (a chord and a beat): with silence, the bars would not move.
    seen.tab.wait_for_selector("#timeline .bars path")
    heights = seen.tab.eval_on_selector_all(
        "#timeline .bars path", "bars => bars.map((bar) => bar.getBoundingClientRect().height)"
    )
    assert max(heights) > 2 * min(heights)
    assert seen.complaints == []


@pytest.mark.parametrize(("ending", "kind"), [("webm", "WebM"), ("wv", "WavPack")])
def test_a_song_that_the_browser_does_not_take_for_audio_is_classified(visit, song, ending, kind):
    """Chromium calls a WebM a film, and Gradio would turn it away."""
    seen = visit()
    offered = seen.tab.locator("#song input[type=file]").get_attribute("accept").split(",")
    assert offered[0] == "audio/*"
    assert f".{ending}" in offered
    seen.upload(song(f"tune.{ending}", rate=48_000))
    assert len(percentages(seen)) == 8
    assert kind in seen.text("#metadata")
    assert seen.complaints == []


def test_a_dropped_file_is_classified_by_its_content(visit, tagged):
    seen = visit()
    drop = """(content, name, type) => {
        const transfer = new DataTransfer();
        const bytes = Uint8Array.from(atob(content), (letter) => letter.charCodeAt(0));
        transfer.items.add(new File([bytes], name, { type }));
        document.querySelector("#song .upload-container").dispatchEvent(
            new DragEvent("drop", { dataTransfer: transfer, bubbles: true, cancelable: true })
        );
    }"""

    def dropped(content, name):
        encoded = base64.b64encode(content).decode()
        seen.tab.evaluate(f"([content, name]) => ({drop})(content, name, '')", [encoded, name])
        seen.tab.wait_for_selector(".sn-bars:visible, .sn-alert:visible")

    dropped(b"La la la, said the cat to the mat. " * 300, "lyrics")
    assert "lyrics is not audio" in seen.text(".sn-alert")
    seen.tab.locator("#song button[aria-label=Clear]").click()
    seen.tab.wait_for_selector(".sn-empty")
    dropped(tagged("rock.wav").read_bytes(), "rock")
    assert seen.text(".sn-headline") == "Rock"


def test_a_long_song_shows_progress_and_can_be_stopped(visit, song, tagged, patience):
    seen = visit()
    seen.tab.set_input_files("#song input[type=file]", song("long.wav", seconds=90, rate=22_050))
    seen.tab.wait_for_selector("#verdict >> text=/Heard 1:00 of 1:30/")
    bar = seen.tab.get_by_role("progressbar", name="Heard 1:00 of 1:30")
    assert bar.get_attribute("aria-valuenow") == "67"
    stop = seen.tab.get_by_role("button", name="Stop listening")
    stop.click()
    seen.tab.wait_for_selector("#verdict >> text=Stopped.")
    stop.wait_for(state="hidden")
    patience.set()
    # What was stopped holds nobody up.
    other = visit()
    other.upload(tagged("rock.wav"))
    assert other.text(".sn-headline") == "Rock"
    assert seen.complaints == other.complaints == []


def test_a_click_plays_from_there(visit, tagged):
    seen = visit()
    seen.upload(tagged("mixed.wav"))
    seen.tab.wait_for_selector("#timeline .bars path")
    seen.tab.wait_for_function("document.querySelector('#song audio').readyState >= 1")
    plot = seen.tab.locator("#timeline .nsewdrag").first
    half = plot.bounding_box()["width"] / 2
    # Plotly looks at a moving mouse, and not at its first move.
    for x in (10, 20, 30):
        plot.hover(position={"x": half + x, "y": 50})
        seen.tab.wait_for_timeout(100)
    hover = seen.tab.locator("#timeline .hovertext").first.text_content()
    assert re.match("0:4[23].*Folk 65 %.*%.*%", hover)
    plot.click(position={"x": half, "y": 50})
    seen.tab.wait_for_function("!document.querySelector('#song audio').paused")
    at = seen.tab.evaluate("document.querySelector('#song audio').currentTime")
    assert at == pytest.approx(40, abs=2)
    assert seen.complaints == []


def test_a_stretch_plays_by_keyboard(visit, tagged):
    seen = visit()
    seen.upload(tagged("mixed.wav"))
    stretch = seen.tab.locator(".sn-seek").last
    start = float(stretch.get_attribute("data-seek"))
    assert start > 10
    seen.tab.wait_for_function("document.querySelector('#song audio').readyState >= 1")
    stretch.focus()
    seen.tab.keyboard.press("Enter")
    seen.tab.wait_for_function("!document.querySelector('#song audio').paused")
    at = seen.tab.evaluate("document.querySelector('#song audio').currentTime")
    assert at == pytest.approx(start, abs=2)


@pytest.mark.parametrize("width", [390, 768, 1280])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_fits_every_width_in_light_and_dark(visit, tagged, width, scheme):
    seen = visit(width=width, color_scheme=scheme)
    seen.upload(tagged("rock.wav"))
    seen.tab.wait_for_selector("#timeline .bars path")
    for name in ("One song", "Many songs", "About"):
        seen.tab.get_by_role("tab", name=name).click()
        seen.tab.wait_for_timeout(200)
        assert seen.tab.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    ground = seen.tab.evaluate("getComputedStyle(document.body).backgroundColor")
    darkness = sum(int(value) for value in re.findall(r"\d+", ground)[:3])
    assert (darkness < 200) == (scheme == "dark")
