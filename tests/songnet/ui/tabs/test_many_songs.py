"""The tab for many songs in a real Chromium: names, copies, and a narrow page."""


def hear(seen, paths):
    """Hands files to the tab and waits until all are heard."""
    seen.classify_all(paths)
    seen.tab.wait_for_selector("#batch-csv:not([disabled])")


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
    seen.tab.locator("#songs input[type=file]").first.set_input_files([rock])
    seen.tab.locator("#songs a[href*='file=']").nth(3).wait_for()
    seen.tab.wait_for_selector("#batch-csv:not([disabled])")
    assert seen.text("#status") == "2 songs heard."
    assert seen.tab.locator("#answers tbody tr").count() == 2
    assert seen.complaints == []
