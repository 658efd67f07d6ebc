"""The one player: by mouse, by keyboard, from elsewhere in the page, and on other tabs."""

import re

import pytest

_AT = "document.querySelector('#song audio').currentTime"
# Where it began to play: a slow machine asks much later where it is.
_BEGAN = "(at) => Math.abs(window.beganAt - at) < 2"
_PLAYS = "!document.querySelector('#song audio').paused"


@pytest.fixture
def seen(visit, tagged):
    """A visitor with a song of 80 s that can be played."""
    seen = visit()
    seen.upload(tagged("mixed.wav"))
    seen.tab.wait_for_selector("#timeline [role=slider] .bars path")
    seen.tab.wait_for_function("document.querySelector('#song audio').readyState >= 1")
    seen.tab.evaluate(
        """document.addEventListener(
            "seeking", ({ target }) => (window.beganAt = target.currentTime), true
        )"""
    )
    yield seen
    assert seen.complaints == []


def test_a_click_plays_from_there(seen):
    plot = seen.tab.locator("#timeline .nsewdrag").first
    half = plot.bounding_box()["width"] / 2
    says = re.compile("0:4[23].*Folk 65 %.*%.*%")
    told = seen.tab.locator("#timeline .hovertext", has_text=says)
    # Plotly looks at a moving mouse, and not at each move.
    for move in range(100):
        plot.hover(position={"x": half + 28 + move % 3, "y": 50})
        seen.tab.wait_for_timeout(100)
        if told.count():
            break
    assert told.count() == 1
    plot.click(position={"x": half, "y": 50})
    seen.tab.wait_for_function(_PLAYS)
    seen.holds(_BEGAN, 40)


def test_a_moment_plays_by_keyboard(seen):
    moment = seen.tab.locator("[data-play-from]:visible").last
    start = float(moment.get_attribute("data-play-from"))
    assert start > 10
    moment.focus()
    seen.tab.keyboard.press("Enter")
    seen.tab.wait_for_function(_PLAYS)
    seen.holds(_BEGAN, start)


def test_the_waveform_is_a_slider(seen):
    slider = seen.tab.get_by_role("slider", name="Where the song plays").first
    slider.focus()
    for key, at in (("End", 80), ("Home", 0), ("ArrowRight", 5), ("PageUp", 35), ("ArrowLeft", 30)):
        seen.tab.keyboard.press(key)
        assert seen.tab.evaluate(_AT) == pytest.approx(at, abs=0.1)
    seen.tab.wait_for_selector("#timeline [role=slider][aria-valuetext='0:30 of 1:20']")
    seen.tab.keyboard.press("Space")
    seen.tab.wait_for_function(_PLAYS)
    seen.tab.get_by_role("button", name="Pause").first.wait_for()
    seen.tab.keyboard.press("Space")
    seen.tab.wait_for_function(f"!({_PLAYS})")
    assert seen.tab.evaluate("scrollY") == 0


def test_a_long_song_is_zoomed_and_played_from_elsewhere(seen):
    shown = "document.querySelector('#timeline .js-plotly-plot')._fullLayout.xaxis.range"
    seen.tab.evaluate("songnetPlayFrom(60)")
    seen.tab.wait_for_function(_PLAYS)
    seen.tab.evaluate("document.querySelector('#song audio').pause()")
    for _ in range(2):
        seen.tab.get_by_role("button", name="Zoom in").click()
    seen.tab.wait_for_function(f"Math.abs({shown}[1] - {shown}[0] - 20) < 0.01")
    start, end = seen.tab.evaluate(shown)
    assert start < seen.tab.evaluate(_AT) < end
    # What plays is kept in view.
    seen.tab.evaluate("document.body.insertAdjacentHTML('beforeend', '<i data-play-from=7>x</i>')")
    seen.tab.evaluate("document.querySelector('i[data-play-from]').click()")
    seen.tab.wait_for_function(f"{shown}[0] <= 8")
    seen.holds(_BEGAN, 7)
    for _ in range(2):
        seen.tab.get_by_role("button", name="Zoom out").click()
    seen.tab.wait_for_function(f"{shown}[0] === 0 && {shown}[1] === 80")


def test_the_sound_goes_on_on_other_tabs_and_can_be_stopped_there(seen):
    seen.tab.get_by_role("button", name="Play").first.click()
    seen.tab.wait_for_function(_PLAYS)
    bar = seen.tab.get_by_role("region", name="Playing")
    assert not bar.is_visible()
    seen.tab.get_by_role("tab", name="About").click()
    bar.wait_for()
    assert "mixed.wav" in bar.inner_text()
    seen.tab.evaluate("scrollTo(0, document.documentElement.scrollHeight)")
    last = seen.tab.locator(".sn-about > *").last.bounding_box()
    assert last["y"] + last["height"] <= bar.bounding_box()["y"]
    bar.get_by_role("button", name="Stop").click()
    bar.wait_for(state="hidden")
    assert not seen.tab.evaluate(_PLAYS)
