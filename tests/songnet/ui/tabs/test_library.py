"""The page of somebody's own library: what sounds like a song in it, and its map."""

import pytest

from songnet.errors import LibraryError, SettingsError
from songnet.library.index import LibraryIndex
from songnet.settings import Settings
from songnet.ui import page as page_of_songnet
from songnet.weights import load_weights
from tests.songnet.ui.conftest import Visit
from tests.support.made_library import make_library, random_songs
from tests.support.page_visits import served


@pytest.fixture
def index(tmp_path):
    songs = random_songs(30, folder="/home/ada/secret")
    songs[0]["title"] = "<img src=x onerror=alert(1)>"
    return LibraryIndex(make_library(tmp_path / "library.db", songs), load_weights())


def test_songs_of_the_library_sound_alike_and_are_on_the_map(
    index, analyser, examples, browser, tagged
):
    page = page_of_songnet.build(analyser, examples, index)
    with served(page, page_of_songnet.launch_options()):
        context = browser.new_context(viewport={"width": 1280, "height": 900})
        context.set_default_timeout(120_000)
        seen = Visit(context.new_page(), page.local_url)
        seen.upload(tagged("tune.wav"))
        seen.says("#similar", "songs of your library")
        assert seen.tab.locator("#similar li").count() == 5
        assert seen.tab.locator("#similar a").count() == 0
        seen.tab.get_by_role("tab", name="Your library").click()
        frame = seen.tab.frame_locator("iframe.sn-map")
        frame.locator("#search").fill("onerror")
        frame.locator("#found", has_text="1 song").wait_for()
        frame.locator("#search").press("Enter")
        frame.locator("#chosen-title", has_text="<img src=x onerror=alert(1)>").wait_for()
        assert "secret" not in seen.tab.content() + frame.locator("html").inner_html()
        assert seen.complaints == []
        context.close()


def test_a_library_of_another_network_is_refused(index):
    index.weights_sha256 = "0" * 64
    with pytest.raises(LibraryError, match="another network"):
        index.open()


def test_a_space_shows_no_library():
    environment = {"SONGNET_LIBRARY": "/data/library.db"}
    assert Settings.from_environment(environment).library == "/data/library.db"
    with pytest.raises(SettingsError, match="this is a Space, where everybody would see"):
        Settings.from_environment(environment | {"SPACE_ID": "ada/songnet"})
