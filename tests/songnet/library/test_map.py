"""The map of a library: what is in the file, and what a browser makes of it."""

import json
import re

import numpy as np
import pytest

from songnet.library import Library
from songnet.library.answers import Answer
from songnet.library.library_map import draw
from songnet.library.picture import map_html
from tests.support import songs
from tests.support.made_library import GENRES, make_library, random_songs

axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="no axe-core is here")

HOSTILE = "</script><img src=x onerror=alert(1)><!-- {{SCRIPT}}"


def data_of(page):
    (content,) = re.findall(r'<script type="application/json" id="songs">(.*?)</script>', page)
    return json.loads(content)


def test_the_same_library_gives_the_same_map(tmp_path):
    path = make_library(tmp_path / "library.db", random_songs(40))
    with Library.open(path) as library:
        assert draw(library) == draw(library)


def test_no_title_is_taken_for_a_part_of_the_page(tmp_path):
    path = make_library(
        tmp_path / "library.db",
        [dict(song, title=HOSTILE, artist=HOSTILE) for song in random_songs(8)],
    )
    with Library.open(path) as library:
        page, count = draw(library)
    assert (count, page.count("<img"), page.count("</script>")) == (8, 0, 2)
    assert set(data_of(page)["titles"]) == {HOSTILE}


def test_a_map_that_does_not_play_says_nothing_of_files(tmp_path):
    path = make_library(tmp_path / "library.db", random_songs(8, folder="/home/ada/secret"))
    with Library.open(path) as library:
        played, silent = (draw(library, plays=plays)[0] for plays in (True, False))
    assert "secret" in played
    assert "secret" not in silent


@pytest.fixture
def opened(browser, tmp_path):
    """Opens a page's HTML from the disk; what goes wrong in it is kept."""
    tabs = []

    def show(page, **options):
        file = tmp_path / "map.html"
        file.write_text(page, encoding="utf-8")
        tab = browser.new_page(**options)
        tab.complaints = []
        tab.on("console", lambda m: m.type == "error" and tab.complaints.append(m.text))
        tab.on("pageerror", lambda error: tab.complaints.append(str(error)))
        tab.on("request", lambda r: r.url.startswith("file:") or tab.complaints.append(r.url))
        tab.goto(file.as_uri())
        tab.wait_for_selector("body[data-ready]")
        tabs.append(tab)
        return tab

    yield show
    for tab in tabs:
        tab.close()


@pytest.mark.browser
@pytest.mark.parametrize("width", [390, 1280])
def test_a_song_is_found_and_played(opened, tmp_path, width):
    (tmp_path / "Mu #1").mkdir()
    song = songs.write(tmp_path / "Mu #1" / "é.wav", songs.synthesise(2.0))
    made = [*random_songs(30), {**random_songs(1, seed=1)[0], "path": song, "title": "Été"}]
    made.append({**random_songs(1, seed=2)[0], "path": tmp_path / "gone.wav", "title": HOSTILE})
    with Library.open(make_library(tmp_path / "library.db", made)) as library:
        page, _ = draw(library, folder=tmp_path)
    tab = opened(page, viewport={"width": width, "height": 800})
    assert tab.locator("#title").text_content() == "32 songs"
    tab.locator("#search").fill("ete")
    assert tab.locator("#found").text_content() == "1 song"
    tab.locator("#search").press("Enter")
    assert tab.locator("#chosen-title").text_content() == "Été"
    for _ in range(100):
        # The page's policy forbids what `wait_for_function` would do.
        if tab.locator("#audio").evaluate("audio => audio.currentTime") > 0:
            break
        tab.wait_for_timeout(50)
    assert tab.locator("#audio").evaluate("audio => audio.currentTime") > 0
    tab.locator("#search").fill("onerror")
    tab.locator("#search").press("Enter")
    tab.wait_for_selector("#message >> text=This song cannot be played: its file has gone")
    assert tab.locator("#chosen-title").text_content() == HOSTILE
    assert tab.evaluate("document.documentElement.scrollWidth <= innerWidth")
    violations = axe.Axe().run(tab).response["violations"]
    assert [v["id"] for v in violations if v["impact"] in ("serious", "critical")] == []
    assert {*tab.complaints} == {"Failed to load resource: net::ERR_FILE_NOT_FOUND"}


@pytest.mark.browser
def test_a_click_on_a_point_chooses_its_song(opened):
    rng = np.random.default_rng(0)
    count = 20_000
    places = rng.normal(size=(count, 2))
    answers = [Answer(GENRES[i % 8], 0.8, False) for i in range(count)]
    with_names = _Songs(count)
    page = map_html(with_names, places, answers, GENRES, title="20,000 songs", plays=False)
    tab = opened(page, viewport={"width": 1280, "height": 800})
    assert tab.evaluate("document.body.dataset.ready") == str(count)
    tab.locator("#search").fill("song 12345")
    x, y = tab.evaluate("onScreen(12345)")
    tab.mouse.move(x, y)
    tab.wait_for_selector("#tip >> text=Song 12345")
    tab.mouse.click(x, y)
    tab.wait_for_selector("#chosen-title >> text=Song 12345")
    tab.mouse.wheel(0, -400)
    assert tab.complaints == []


class _Songs(list):
    """Songs of which a map needs the names alone."""

    def __init__(self, count):
        super().__init__(_Song(f"Song {number}") for number in range(count))


class _Song:
    artist = album = None

    def __init__(self, title):
        self.title = title
