"""The page without a network, with a new version beside an old one, and with a full disk."""

import shutil
from dataclasses import replace

import pytest

from songnet.browser.build import build
from tests.support import songs

pytestmark = [pytest.mark.browser, pytest.mark.slow]

_KEPT = "navigator.serviceWorker.ready.then(() => true)"


def reaching(seen):
    """What reached the server, but for the browser's own question whether the page is the newest.

    Chromium asks that also where a test has cut its tabs off.
    """
    return [line for line in seen.asked if not line.endswith("/service_worker.js")]


def test_nothing_leaves_and_all_works_without_a_network(visit, tmp_path):
    """A session with everything that a visitor can do, recorded on both ends."""
    song = songs.write(tmp_path / "song.wav", songs.synthesise(3.0))
    seen = visit(permissions=["microphone"]).ready()
    seen.tab.evaluate(_KEPT)
    seen.hear(song)
    before = seen.answers()[0]["probabilities"]
    seen.tab.context.set_offline(True)
    reached = reaching(seen)
    seen.tab.reload()
    seen.ready()
    seen.hear(song)
    assert seen.answers()[0]["probabilities"] == before
    seen.tab.click(".timeline button")
    seen.tab.click("#listen")
    seen.tab.wait_for_selector("#save-ribbon:visible")
    seen.tab.click("#listen")
    with seen.tab.expect_download():
        seen.tab.click("#save-ribbon")
    assert reaching(seen) == reached
    assert all(line.startswith("GET /below/songnet/") for line in seen.asked)
    here = ("blob:", "data:", seen.tab.url)
    assert {method for method, _ in seen.requests} == {"GET"}
    assert [url for _, url in seen.requests if not url.startswith(here)] == []
    assert seen.complaints == []


def test_other_weights_than_the_pages_are_refused(visit, built, tmp_path):
    copy = tmp_path / "below" / "songnet"
    shutil.copytree(built, copy)
    weights = copy / "network" / "songnet.tflite"
    weights.write_bytes(weights.read_bytes()[:-1] + b"?")
    seen = visit(folder=copy)
    seen.tab.wait_for_selector("#problem:not([hidden])")
    assert seen.text("#problem") == (
        "The network is damaged or of another version: load the page again."
    )


def test_a_new_version_is_offered_and_loaded_where_it_was_asked_for(
    visit, built, weights, sources, tmp_path
):
    folder = tmp_path / "below" / "songnet"
    shutil.copytree(built, folder)
    seen = visit(folder=folder).ready()
    seen.tab.evaluate(_KEPT)
    seen.tab.reload()
    seen.ready()
    other = seen.tab.context.new_page()
    other.goto(seen.tab.url)
    other.wait_for_selector("body[data-ready]")
    other.evaluate("window.unsaved = true")
    other.evaluate("caches.open('songnet of another path').then(() => true)")
    build(folder, replace(weights, config=replace(weights.config, version="9.9.9")), sources)
    song = songs.write(tmp_path / "song.wav", songs.synthesise(2.0))
    seen.tab.reload()
    seen.tab.wait_for_selector("#notice:has-text('There is a new version of this page.')")
    seen.ready().hear(song)
    assert seen.answers()[0]["model"]["version"] == weights.config.version
    with seen.tab.expect_navigation():
        seen.tab.click("#notice button")
    seen.ready().hear(song)
    assert seen.answers()[0]["model"]["version"] == "9.9.9"
    assert len(seen.tab.evaluate("caches.keys()")) == 2
    assert "songnet of another path" in seen.tab.evaluate("caches.keys()")
    # The other tab may hold answers: it is told, and keeps them.
    assert other.evaluate("window.unsaved") is True
    assert "There is a new version" in other.inner_text("#notice")
    assert seen.complaints == []


def test_without_room_on_the_device_the_page_works_and_says_so(visit, tmp_path):
    def fill(tab, address):
        session = tab.context.new_cdp_session(tab)
        quota = {"origin": address.rstrip("/"), "quotaSize": 1000}
        session.send("Storage.overrideQuotaForOrigin", quota)

    seen = visit(before=fill).ready()
    seen.tab.wait_for_selector("#notice:not([hidden])")
    assert seen.text("#notice") == (
        "This page needs a network: there is no room to keep it on this device."
    )
    seen.hear(songs.write(tmp_path / "song.wav", songs.synthesise(2.0)))
    assert seen.text(".verdict h2")
