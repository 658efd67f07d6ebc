"""The page in the browser for everybody: no serious finding of axe-core, usable by keyboard."""

import pytest

from tests.support import songs

axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="no axe-core is here")
pytestmark = [pytest.mark.browser, pytest.mark.slow]


def serious(seen):
    """What axe-core finds serious or critical, a line for each finding."""
    return [
        f"{rule['id']}: {node['target']} {node['html'][:120]}"
        for rule in axe.Axe().run(seen.tab).response["violations"]
        if rule["impact"] in ("serious", "critical")
        for node in rule["nodes"]
    ]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 768, 1280])
def test_no_serious_finding_and_nothing_beyond_the_edge(visit, tmp_path, width, scheme):
    # The policy of the page keeps axe out; it is tested elsewhere.
    seen = visit(width=width, color_scheme=scheme, bypass_csp=True).ready()
    assert seen.tab.locator("button:visible").all_inner_texts() == [
        "Choose songs",
        "Listen to the room",
    ]
    assert serious(seen) == []
    empty = tmp_path / "a-name-as-long-as-people-give-them-to-their-recordings-of-concerts.wav"
    empty.touch()
    seen.hear(songs.write(tmp_path / "one.wav", songs.synthesise(2.0)), empty)
    assert serious(seen) == []
    assert seen.tab.evaluate("document.documentElement.scrollWidth") <= width


def test_by_keyboard_alone(visit, tmp_path):
    seen = visit().ready()
    seen.hear(*(songs.write(tmp_path / f"{i}.wav", songs.synthesise(2.0, seed=i)) for i in (1, 2)))
    reached = []
    for _ in range(12):
        seen.tab.keyboard.press("Tab")
        reached.append(seen.tab.evaluate("document.activeElement.textContent"))
    for name in (
        "Choose songs",
        "Listen to the room",
        "1.wav",
        "2.wav",
        "Save the songs (CSV)",
        "Play",
    ):
        assert name in reached
    seen.tab.locator("button", has_text="2.wav").focus()
    seen.tab.keyboard.press("Enter")
    assert seen.text(".metadata h3") == "2.wav"
