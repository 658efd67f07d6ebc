"""The page in a real Chromium: one song in, the whole answer out."""

import io
import re
import threading

import gradio.routes
import pytest
from PIL import Image

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


def _png():
    content = io.BytesIO()
    Image.new("RGB", (300, 300), "teal").save(content, "PNG")
    return content.getvalue()


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
    # Each is rounded by itself.
    assert abs(sum(percentages(seen)) - 100) <= 4
    assert seen.text(".sn-headline") in GENRES | {"Not sure"}
    seen.tab.locator("#timeline .bars path").nth(100).wait_for(state="attached")
    assert seen.tab.locator("#timeline .scatterlayer .js-line").count() == 1
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


# Texts of an element, such as "36 %", that are broken over two lines.
BROKEN = """(card) => {
  const walker = document.createTreeWalker(card, NodeFilter.SHOW_TEXT);
  const broken = [];
  while (walker.nextNode()) {
    for (const found of walker.currentNode.data.matchAll(/\\d+ %/g)) {
      const range = document.createRange();
      range.setStart(walker.currentNode, found.index);
      range.setEnd(walker.currentNode, found.index + found[0].length);
      const tops = [...range.getClientRects()].map((place) => Math.round(place.top));
      if (new Set(tops).size > 1) broken.push(found[0]);
    }
  }
  return broken;
}"""


def test_no_percentage_is_broken_and_a_whole_one_has_room(visit, tagged):
    seen = visit()
    seen.upload(tagged("unsure.wav"))
    first = seen.tab.locator(".sn-bar-value").first
    first.evaluate("(value) => (value.textContent = '100 %')")
    for width in (390, 768, *range(1_000, 1_400, 40)):
        seen.tab.set_viewport_size({"width": width, "height": 800})
        assert seen.tab.locator("#verdict").evaluate(BROKEN) == []
        assert first.evaluate("(value) => value.scrollWidth <= value.clientWidth")


def test_beside_a_long_title_the_buttons_stay_on_the_strip(visit, tagged):
    seen = visit()
    seen.upload(tagged("rock.wav", title="A name that goes on and on, " * 9))
    for width in (390, 700, 1_280):
        seen.tab.set_viewport_size({"width": width, "height": 800})
        strip = seen.tab.locator(".sn-strip").bounding_box()
        for button in seen.tab.locator(".sn-strip button:visible").all():
            box = button.bounding_box()
            assert box["x"] >= strip["x"]
            assert box["x"] + box["width"] <= strip["x"] + strip["width"]
            assert box["height"] < 50  # its words are on one line


def test_the_next_song_is_seen_wherever_the_last_one_was_read(visit, tagged):
    seen = visit()
    seen.upload(tagged("mixed.wav"))
    seen.tab.wait_for_selector("#timeline .bars path")
    seen.tab.evaluate("scrollTo(0, document.body.scrollHeight)")
    assert seen.tab.evaluate("scrollY") > 200
    seen.upload(tagged("rock.wav"))
    assert seen.tab.evaluate("scrollY") == 0


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.name)
def test_an_example_needs_one_click(visit, example):
    seen = visit()
    seen.tab.get_by_role("button", name=example.title).click()
    seen.heard()
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
    assert seen.complaints == []


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
    seen.hides(".sn-bars")


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


@pytest.mark.parametrize("width", [390, 768, 1280])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_fits_every_width_in_light_and_dark(visit, tagged, width, scheme):
    seen = visit(width=width, color_scheme=scheme)
    seen.upload(tagged("rock.wav"))
    seen.tab.wait_for_selector("#timeline .bars path")
    for name, part in (("One song", "#bars"), ("Many songs", "#songs"), ("About", ".sn-about h2")):
        seen.tab.get_by_role("tab", name=name).click()
        seen.tab.locator(part).first.wait_for()
        seen.holds("() => document.documentElement.scrollWidth <= innerWidth")
    ground = seen.tab.evaluate("getComputedStyle(document.body).backgroundColor")
    darkness = sum(int(value) for value in re.findall(r"\d+", ground)[:3])
    assert (darkness < 200) == (scheme == "dark")


@pytest.mark.parametrize(("width", "height"), [(1280, 800), (390, 844)])
def test_the_answer_is_on_one_screen(visit, tagged, width, height):
    seen = visit(width=width, height=height)
    seen.upload(tagged("mixed.wav", title="Tune", artist="Nobody", cover=_png()))
    seen.tab.wait_for_selector("#timeline .bars path")
    strip = seen.text("#heard")
    assert "Tune" in strip
    assert "Nobody" in strip
    seen.holds("() => document.querySelector('#heard img').naturalWidth > 0")
    on_screen = ["#heard", "#verdict .sn-verdict"]
    if width == 1280:
        on_screen += ["#bars", "#timeline"]
    for selector in on_screen:
        seen.holds(
            "(part) => document.querySelector(part).getBoundingClientRect().bottom <= innerHeight",
            selector,
        )


def test_a_song_replaces_the_last_wherever_it_is_dropped(visit, tagged):
    seen = visit()
    assert not seen.drop(("lyrics", b"La la la, said the cat to the mat. " * 300), on=".sn-header")
    seen.heard()
    assert "lyrics is not audio" in seen.text(".sn-alert")
    for name in ("rock", "unsure"):
        assert not seen.drop((name, tagged(f"{name}.wav").read_bytes()))
        seen.heard()
        assert name in seen.text("#heard")
    assert seen.text(".sn-headline") == "Not sure"


def test_several_songs_dropped_are_many_songs(visit, tagged):
    seen = visit()
    files = [(name, tagged(name).read_bytes()) for name in ("rock.wav", "tune.wav")]
    assert not seen.drop(*files, on="#song")
    uploaded = seen.tab.locator("#songs a[href*='file=']")
    uploaded.nth(1).wait_for()
    assert uploaded.count() == 2


def test_a_song_that_is_not_sent_leaves_the_answer(visit, tagged):
    seen = visit()
    seen.upload(tagged("rock.wav"))
    seen.tab.route("**/gradio_api/upload*", lambda route: route.abort())
    seen.tab.set_input_files("#song input[type=file]", tagged("unsure.wav"))
    seen.tab.wait_for_selector("text=unsure.wav could not be sent")
    assert seen.text(".sn-headline") == "Rock"
    assert "rock.wav" in seen.text("#heard")
    # Before there is an answer, nothing promises one beside what went wrong.
    seen.tab.get_by_role("button", name="Clear").click()
    seen.says("#verdict", "The answer appears here")
    assert seen.tab.evaluate("document.activeElement.matches('[data-song=choose]')")
    seen.tab.set_input_files("#song input[type=file]", tagged("rock.wav"))
    seen.says(".sn-trouble", "rock.wav could not be sent")
    seen.hides("#verdict")


def test_a_song_replaces_one_that_is_being_heard(visit, song, tagged, patience, monkeypatch):
    cancel, dropped = gradio.routes.cancel_tasks, threading.Event()
    monkeypatch.setattr(gradio.routes, "cancel_tasks", lambda tasks: dropped.set() or cancel(tasks))
    seen = visit()
    seen.tab.set_input_files("#song input[type=file]", song("long.wav", seconds=90, rate=22_050))
    seen.tab.wait_for_selector("#verdict >> text=/Heard 1:00 of 1:30/")
    seen.tab.set_input_files("#song input[type=file]", tagged("rock.wav"))
    # The server stops between two windows.
    assert dropped.wait(120)
    patience.set()
    seen.heard()
    assert seen.text(".sn-headline") == "Rock"
    assert "rock.wav" in seen.text("#heard")
    assert seen.complaints == []
