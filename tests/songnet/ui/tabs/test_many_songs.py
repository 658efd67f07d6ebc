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
