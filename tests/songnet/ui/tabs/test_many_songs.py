"""The tab for many songs in a real Chromium: names, copies, a narrow page, and a reload."""

import re

from tests.songnet.ui.test_tabs import downloaded, rows_of
from tests.support.page_visits import FILL_SESSION, bad_files

HOSTILE = "<img src=x onerror=alert(1)>"


def hear(seen, paths):
    """Hands files to the tab and waits until all are heard."""
    seen.classify_all(paths)
    seen.tab.wait_for_selector("#batch-csv:not([disabled])")


def kept(seen):
    """What the browser has kept of the rows."""
    return seen.tab.evaluate("Object.keys(sessionStorage).filter((key) => /many/.test(key)).sort()")


def test_a_narrow_page_sorts_by_one_line_of_buttons_and_leaves_titles_their_room(visit, tagged):
    seen = visit(width=390)
    hear(seen, [tagged("rock.wav", title="Stone by Stone by the Sea")])
    card = seen.tab.locator(".sn-many-rows").bounding_box()
    heads = [e.bounding_box() for e in seen.tab.locator(".sn-many thead button").all()]
    assert len({head["y"] for head in heads}) == 1
    assert heads[0]["y"] - card["y"] < 16
    title = seen.tab.locator(".sn-many-text b").bounding_box()
    assert title["height"] < 30
    assert seen.complaints == []


def test_a_song_that_is_given_twice_is_one_row(visit, tagged, tmp_path):
    seen = visit()
    rock, tune = tagged("rock.wav"), tagged("tune.wav")
    (tmp_path / "copy").mkdir()
    copy = tmp_path / "copy" / "rock.wav"
    copy.write_bytes(rock.read_bytes())
    hear(seen, [rock, copy, tune])
    assert seen.text("#status") == "2 songs heard."
    assert seen.tab.locator("#answers tbody tr").count() == 2
    later = [rock, tagged("unsure.wav")]
    seen.tab.locator("#songs input[type=file]").first.set_input_files(later)
    seen.tab.wait_for_selector("#status >> text=3 songs heard.")
    assert seen.tab.locator("#answers tbody tr").count() == 3
    assert seen.complaints == []


def test_rows_and_playlists_have_the_names_that_were_dropped(visit, tagged):
    # All of one size, so that only their names tell the files apart.
    names = ["=cmd|calc.wav", "Who Are You?.wav", 'Ünï "q" <b>x & \' , name.wav', "plain $!.wav"]
    seen = visit()
    tagged_files = [tagged(f"tune{i}.wav") for i in range(len(names))]
    hear(
        seen, [file.rename(file.with_name(n)) for file, n in zip(tagged_files, names, strict=True)]
    )
    assert seen.tab.locator("#answers tbody th b").all_inner_texts() == names
    for name in names:
        assert seen.tab.get_by_role("button", name=f"Play {name}", exact=True).is_visible()
    with seen.tab.expect_download() as download:
        seen.tab.locator(".sn-m3u").click()
    lines = download.value.path().read_text(encoding="utf-8").splitlines()
    assert lines[2::2] == names
    assert lines[1::2] == [f"#EXTINF:3,{name.removesuffix('.wav')}" for name in names]
    seen.tab.get_by_role("button", name="Play Who Are You?.wav").click()
    seen.tab.wait_for_selector("#heard >> text=Who Are You")
    assert seen.complaints == []


def test_no_list_of_files_shows_a_name_that_turns_its_line(visit, tagged):
    seen = visit()
    hear(seen, [tagged("rock.wav").rename(tagged("rock.wav").with_name("a\u202evaw.mp3"))])
    names = seen.tab.locator("#songs .filename")
    assert names.inner_text().replace("\n", "") == "a\ufffdvaw.mp3"
    assert names.get_attribute("aria-label") == "a\ufffdvaw.mp3"
    assert seen.tab.get_by_role("button", name=re.compile("1 song$")).is_visible()
    assert seen.complaints == []


def test_rows_come_back_after_a_reload_with_all_that_is_saved_of_them(visit, tagged, tmp_path):
    seen = visit(width=390)
    rock = tagged("rock.wav", title=HOSTILE, artist="A & B")
    odd = tagged("unsure.wav").rename(tmp_path / "Who <b>?.wav")
    hear(seen, [rock, odd, bad_files(tmp_path)[0][0]])
    seen.tab.get_by_role("button", name="Confidence").click()
    seen.tab.locator(".sn-overview button", has_text="Not sure").click()
    saved = [downloaded(seen, button) for button in ("#batch-csv", "#batch-json", ".sn-m3u")]
    seen.tab.wait_for_function("sessionStorage.getItem('songnet-many-json')")
    seen.tab.reload()
    head = seen.tab.get_by_role("region", name="Your last songs")
    head.wait_for()
    assert "to hear a song, choose it again" in head.inner_text()
    assert seen.tab.locator(".sn-many-open, .sn-opens").count() == 0
    shown = seen.tab.locator(".sn-overview [aria-pressed=true]")
    assert shown.inner_text().split() == ["Not", "sure", "1", "song"]
    assert [
        downloaded(seen, f".sn-kept-many button >> text=Save {kind}")
        for kind in ("CSV", "JSON", "M3U")
    ] == saved
    assert "Who <b>?.wav" in saved[2][1].decode()
    shown.click()
    seen.tab.wait_for_selector("#answers tbody tr >> nth=2")
    assert "descending" in seen.tab.locator("#answers th[aria-sort]").nth(2).get_attribute(
        "aria-sort"
    )
    first, second, third = rows_of(seen)
    assert HOSTILE in first
    assert "Who <b>?.wav" in second
    assert "is not audio" in third
    assert seen.tab.evaluate("document.documentElement.scrollWidth") == 390
    assert seen.complaints == []


def test_kept_rows_make_room_for_new_ones_and_clear_forgets_them(visit, tagged):
    seen = visit()
    hear(seen, [tagged("rock.wav"), tagged("unsure.wav")])
    seen.tab.goto("about:blank")
    seen.tab.go_back()
    seen.tab.wait_for_selector(".sn-kept-many")
    seen.tab.set_input_files("#songs input[type=file]", tagged("tune.wav"))
    seen.tab.wait_for_selector("#answers tbody tr >> text=tune.wav")
    assert seen.tab.locator(".sn-kept-many").count() == 0
    assert len(rows_of(seen)) == 1
    seen.tab.wait_for_selector("#batch-csv:not([disabled])")
    seen.tab.reload()
    seen.tab.locator(".sn-kept-many").get_by_role("button", name="Clear").click()
    seen.tab.wait_for_selector("#answers .sn-many[hidden]", state="attached")
    assert kept(seen) == []
    # So does the button beside the songs.
    hear(seen, [tagged("rock.wav")])
    seen.tab.wait_for_function("sessionStorage.getItem('songnet-many-json')")
    seen.tab.locator("#songs button[aria-label=Clear]").click()
    seen.tab.wait_for_selector("#answers .sn-many[hidden]", state="attached")
    assert kept(seen) == []
    assert seen.complaints == []


def test_rows_that_cannot_be_read_are_not_shown(visit, tagged):
    seen = visit()
    hear(seen, [tagged("rock.wav"), tagged("unsure.wav")])
    whole = seen.tab.evaluate("sessionStorage.getItem('songnet-many')")
    for harm in (
        "last.of = last.of.replace(/.$/, 'x')",  # by other weights
        "last.rows[0].colour = 'url(https://example.org)'",
        "last.rows[1].title = { html: '<b>' }",
        "last.rows[1] = null",
        "last.rows = { length: 2 }",
        "last = []",
        "last = 'not JSON'",
    ):
        seen.tab.evaluate(
            f"""(whole) => {{
                let last = JSON.parse(whole);
                {harm};
                const text = typeof last === "string" ? last : JSON.stringify(last);
                sessionStorage.setItem("songnet-many", text);
            }}""",
            whole,
        )
        seen.tab.reload()
        seen.tab.wait_for_selector("#answers .sn-many[hidden]", state="attached")
        assert seen.tab.locator("#answers tr, .sn-kept-many").count() == 0, harm
    assert seen.complaints == []


def test_rows_for_which_the_browser_has_no_room_are_shown_and_not_kept(visit, tagged):
    seen = visit()
    seen.tab.evaluate("sessionStorage.setItem('songnet-many', 'those before')")
    seen.tab.evaluate(FILL_SESSION)
    hear(seen, [tagged("rock.wav"), tagged("unsure.wav")])
    assert len(rows_of(seen)) == 2
    assert kept(seen) == []
    assert seen.complaints == []
