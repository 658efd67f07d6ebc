"""Addresses of tabs, the last answer after a reload, and what an answer is passed on by."""

import re

from tests.songnet.ui.test_tabs import downloaded
from tests.support.page_visits import FILL_SESSION

ADDRESS = re.compile(r"/(#\w+)?$")


def open_tab(seen):
    return seen.tab.locator(".sn-tabs [role=tab][aria-selected=true]").first.inner_text()


def at(seen):
    return ADDRESS.search(seen.tab.url)[1]


def wait_for_tab(seen, name):
    seen.tab.locator(f".sn-tabs [role=tab][aria-selected=true] >> text={name}").first.wait_for()


def test_each_tab_has_an_address_and_back_goes_to_the_last_one(visit):
    seen = visit()
    for name, address in (("Many songs", "#many"), ("Your genres", "#own"), ("About", "#about")):
        seen.tab.get_by_role("tab", name=name).click()
        seen.tab.wait_for_url(f"**/{address}")
    seen.tab.go_back()
    wait_for_tab(seen, "Your genres")
    seen.tab.reload()
    wait_for_tab(seen, "Your genres")
    assert at(seen) == "#own"
    for _ in range(2):
        seen.tab.go_back()
    wait_for_tab(seen, "One song")
    seen.tab.go_forward()
    wait_for_tab(seen, "Many songs")
    assert seen.complaints == []


def test_the_last_answer_outlives_a_reload_with_its_song(visit, tagged):
    seen = visit()
    seen.upload(tagged("rock.wav", title="Stone", artist="Nobody"))
    verdict = seen.text("#verdict .sn-headline")
    seen.tab.wait_for_function("sessionStorage.getItem('songnet-last')")
    seen.tab.reload()
    seen.tab.wait_for_selector(".sn-kept .sn-headline")
    assert seen.text(".sn-kept .sn-headline") == verdict
    assert "Stone" in seen.text(".sn-kept")
    name, picture = downloaded(seen, ".sn-kept [data-pass-on=picture]")
    assert (name, picture[1:4]) == ("rock-songnet.png", b"PNG")
    seen.tab.get_by_role("button", name="Hear it again").click()
    seen.heard()
    assert seen.tab.locator(".sn-kept").count() == 0
    assert "Stone" in seen.text("#metadata")
    assert seen.complaints == []


def test_an_answer_without_its_song_says_so_and_clear_forgets_it(visit, tagged):
    seen = visit()
    seen.upload(tagged("rock.wav"))
    seen.tab.wait_for_function("sessionStorage.getItem('songnet-last')")
    seen.tab.evaluate("new Promise((d) => (indexedDB.deleteDatabase('songnet').onsuccess = d))")
    seen.tab.reload()
    seen.tab.wait_for_selector(".sn-kept >> text=choose it again")
    assert seen.tab.get_by_role("button", name="Hear it again").count() == 0
    seen.upload(tagged("mixed.wav"))
    seen.tab.locator("#song [aria-label=Clear]").click()
    assert seen.tab.evaluate("sessionStorage.getItem('songnet-last')") is None


def test_an_answer_for_which_there_is_no_room_is_not_the_one_before(visit, tagged):
    seen = visit()
    seen.tab.evaluate("sessionStorage.setItem('songnet-last', 'the one before')")
    seen.tab.evaluate(FILL_SESSION)
    seen.upload(tagged("rock.wav"))
    seen.holds("() => sessionStorage.getItem('songnet-last') === null")
    assert seen.complaints == []


def test_another_tab_of_the_browser_knows_nothing_of_it(visit, tagged):
    seen = visit()
    seen.upload(tagged("rock.wav"))
    seen.tab.wait_for_function("sessionStorage.getItem('songnet-last')")
    other = seen.tab.context.new_page()
    other.goto(seen.tab.url)
    other.wait_for_selector("#verdict .sn-empty")
    assert other.evaluate("sessionStorage.getItem('songnet-last')") is None


def test_the_link_is_copied_and_the_picture_shared_where_that_is_possible(visit, tagged):
    seen = visit(permissions=["clipboard-read", "clipboard-write"])
    seen.upload(tagged("rock.wav", title="Stone"))
    assert seen.tab.locator("[data-pass-on=share]").count() == 0
    seen.tab.evaluate(
        "navigator.canShare = () => true; navigator.share = async (what) => (window.shared = what)"
    )
    seen.tab.locator("[data-pass-on=link]").click()
    seen.tab.wait_for_selector("text=Link copied")
    assert seen.tab.evaluate("navigator.clipboard.readText()") == seen.tab.url.partition("#")[0]
    seen.upload(tagged("mixed.wav", title="Mixture"))
    seen.tab.locator("[data-pass-on=share]").click()
    seen.tab.wait_for_function("window.shared")
    shared = seen.tab.evaluate("[shared.files[0].name, shared.files[0].type, shared.text]")
    assert shared[:2] == ["mixed-songnet.png", "image/png"]
    assert shared[2].startswith("Mixture: ")
    # What is drawn is this song's, too.
    assert "Mixture" in seen.tab.locator("#picture pre").text_content()


def test_places_for_files_say_so_in_the_page_s_own_words(visit):
    seen = visit()
    seen.tab.get_by_role("tab", name="Many songs").click()
    seen.tab.wait_for_selector("text=Drop files here, or click to choose them")
    assert "- or -" not in seen.tab.content()
