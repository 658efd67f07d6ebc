"""The page for everybody: no serious finding of axe-core, and usable by keyboard alone."""

import pytest

from tests.support.page_visits import bad_files, half_a_song

axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="no axe-core is here")


def serious(seen):
    """What axe-core finds serious or critical, in light and in dark, a line for each finding."""
    found = []
    for scheme in ("light", "dark"):
        # As Gradio does it when the page is opened in the one or the other.
        seen.tab.evaluate("dark => document.body.classList.toggle('dark', dark)", scheme == "dark")
        # What turns for as long as something is awaited has no end.
        seen.holds(
            """() => document.getAnimations().every(({ playState, effect }) =>
                playState !== "running" || effect.getComputedTiming().endTime === Infinity)"""
        )
        found += [
            f"{scheme} {rule['id']}: {node['target']} {node['html'][:120]}"
            for rule in axe.Axe().run(seen.tab).response["violations"]
            if rule["impact"] in ("serious", "critical")
            for node in rule["nodes"]
        ]
    return found


@pytest.mark.parametrize("width", [390, 1280])
def test_no_serious_finding_in_any_main_state(visit, tagged, tmp_path, width):
    seen = visit(width=width)
    broken = bad_files(tmp_path)[0][0]
    assert serious(seen) == []
    half, _ = half_a_song(tmp_path)
    for path in (tagged("mixed.wav", title="Tune"), half, tagged("unsure.wav")):
        seen.upload(path)
        seen.tab.wait_for_selector("#timeline .bars path")
        assert serious(seen) == []
    seen.tab.get_by_role("tab", name="Spectrogram").click()
    seen.tab.wait_for_selector("#spectrogram .hm image", state="attached")
    assert serious(seen) == []
    seen.upload(broken)
    assert serious(seen) == []
    seen.tab.get_by_role("tab", name="Many songs").click()
    seen.says("#status", "Choose songs")
    seen.tab.wait_for_selector("#songs input[type=file]", state="attached")
    assert serious(seen) == []
    seen.classify_all([tagged("rock.wav"), broken])
    seen.tab.wait_for_selector("#batch-csv:not([disabled])")
    assert serious(seen) == []
    seen.tab.reload()
    seen.tab.wait_for_selector(".sn-kept-many")
    assert serious(seen) == []
    seen.tab.get_by_role("tab", name="About").click()
    seen.tab.wait_for_selector("text=The weights in use")
    assert serious(seen) == []


def test_screen_readers_are_told_words(visit, tagged):
    """Gradio says the key of a translation for which it has no words."""
    seen = visit()
    seen.tab.evaluate(
        """() => {
            window.told = new Set();
            const listen = () => {
                for (const { textContent } of document.querySelectorAll("[role=status]")) {
                    window.told.add(textContent.trim());
                }
            };
            const all = { childList: true, characterData: true, subtree: true };
            new MutationObserver(listen).observe(document.body, all);
        }"""
    )
    seen.upload(tagged("rock.wav"))
    seen.tab.wait_for_function("window.told.has('Done')")
    told = seen.tab.evaluate("[...window.told]")
    assert [text for text in told if "." in text.partition(" ")[0].rstrip(".")] == []


def tab_to(seen, selector):
    """Presses Tab until an element that matches has the focus; what has it must be seen."""
    for _ in range(60):
        seen.tab.keyboard.press("Tab")
        outline, found = seen.tab.evaluate(
            """(selector) => {
                const focused = document.activeElement;
                const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(focused);
                const drawn = outlineStyle !== "none" && parseFloat(outlineWidth) > 0;
                return [drawn || boxShadow !== "none", focused.matches(selector)];
            }""",
            selector,
        )
        if found:
            assert outline, f"{selector} does not show that it has the focus"
            return
    pytest.fail(f"Tab does not lead to {selector}")


def test_from_an_example_to_its_downloads_by_keyboard(visit):
    seen = visit()
    tab_to(seen, "button.sn-example")
    seen.tab.keyboard.press("Enter")
    seen.tab.wait_for_selector("#timeline .bars path")
    # The button is no longer seen: Tab goes on from the song in hand.
    assert seen.tab.evaluate("document.activeElement.matches('.sn-strip')")
    tab_to(seen, ".sn-over-time [role=tab][aria-selected=false]")
    seen.tab.keyboard.press("Enter")
    seen.tab.wait_for_selector("#spectrogram .hm image", state="attached")
    for selector, ending in (("#json", ".json"), ("#csv", ".csv"), (".sn-picture", ".png")):
        tab_to(seen, selector)
        with seen.tab.expect_download() as download:
            seen.tab.keyboard.press("Enter")
        assert download.value.suggested_filename.endswith(ending)
    assert seen.complaints == []


def choose_by_keyboard(seen, paths):
    """Opens the chooser of files where the focus is, and chooses."""
    choosers = []
    seen.tab.on("filechooser", lambda chooser: choosers.append(chooser))
    # Gradio shows where the focus is before it listens to keys: people press again, too.
    for _ in range(60):
        seen.tab.keyboard.press("Enter")
        seen.tab.wait_for_timeout(1_000)
        if choosers:
            break
    choosers[0].set_files(paths)


def test_a_song_is_chosen_by_keyboard(visit, tagged):
    seen = visit()
    tab_to(seen, "#song [data-song=choose]")
    choose_by_keyboard(seen, tagged("rock.wav"))
    seen.heard()
    assert seen.text(".sn-headline") == "Rock"
