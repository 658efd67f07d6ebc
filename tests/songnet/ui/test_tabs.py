"""The rest of the page in a real Chromium: figures, downloads, many songs, about."""

import csv
import io
import json
import re

import pytest
from PIL import Image, ImageColor

from songnet import GENRES
from songnet.colours import GENRE_COLOURS
from songnet.table import table_columns
from tests.support.page_visits import bad_files, half_a_song


@pytest.fixture
def answered(visit, tagged):
    seen = visit()
    seen.upload(tagged("mixed.wav", title="Träume <1>", artist="Nobody"))
    return seen


def downloaded(seen, selector):
    with seen.tab.expect_download() as download:
        seen.tab.locator(selector).click()
    return download.value.suggested_filename, download.value.path().read_bytes()


def test_the_spectrogram_has_minutes_and_hertz(answered):
    answered.tab.get_by_role("tab", name="Spectrogram").click()
    answered.tab.wait_for_selector("#spectrogram .hm image", state="attached")
    marks = answered.tab.locator("#spectrogram .xtick text").all_text_contents()
    assert marks == ["0:00", "0:15", "0:30", "0:45", "1:00", "1:15"]
    assert {"100 Hz", "1 kHz", "10 kHz"} <= set(
        answered.tab.locator("#spectrogram .ytick text").all_text_contents()
    )
    # It fills its card although it was drawn in a tab that was not open.
    answered.holds(
        "() => document.querySelector('#spectrogram .nsewdrag').getBoundingClientRect().width > 700"
    )
    assert answered.complaints == []


def test_the_answer_as_json_and_as_csv_of_windows(answered):
    name, content = downloaded(answered, "#json")
    answer = json.loads(content)
    assert name == "mixed-songnet.json"
    assert answer["metadata"]["title"] == "Träume <1>"
    name, content = downloaded(answered, "#csv")
    rows = list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))
    assert name == "mixed-songnet.csv"
    assert [float(row["start_s"]) for row in rows] == [w["start_s"] for w in answer["windows"]]
    assert [row["genre"] for row in rows][:2] == ["Pop", "Folk"]
    for row in rows:
        assert sum(float(row[genre]) for genre in GENRES) == pytest.approx(1, abs=1e-5)


def test_the_answer_as_a_picture(answered):
    name, content = downloaded(answered, "[data-pass-on=picture]")
    assert name == "mixed-songnet.png"
    picture = Image.open(io.BytesIO(content)).convert("RGB")
    assert picture.size == (1200, 630)
    painted = {colour for _, colour in picture.getcolors(1200 * 630)}
    for genre in GENRES:
        assert ImageColor.getrgb(GENRE_COLOURS[genre].dark) in painted
    assert answered.complaints == []


def rows_of(seen):
    """The texts of the rows that are shown, in their order."""
    return seen.tab.locator("#answers tbody tr").all_inner_texts()


def test_many_songs_of_which_some_are_broken(visit, tmp_path, tagged):
    seen = visit()
    good = tagged("rock.wav", title="Stone <1>", artist="Nobody")
    unsure = tagged("unsure.wav")
    broken = bad_files(tmp_path)[0][0]
    half, warning = half_a_song(tmp_path)
    seen.classify_all([good, broken, half, unsure])
    seen.tab.wait_for_selector("#batch-csv:not([disabled])")
    first, *others = rows_of(seen)
    assert "is not audio" in first
    assert "No answer" in first
    table = " ".join(" ".join(others).split())
    for text in ("rock.wav", "Rock", "72 %", "Stone <1>", "Nobody", warning, "0:02"):
        assert text in table
    assert "Not sure, perhaps Hip-Hop 20 %" in table
    seen.says("#status", "3 songs heard, 1 with a warning, 1 file failed.")
    _, content = downloaded(seen, "#batch-csv")
    rows = list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))
    assert list(rows[0]) == table_columns()
    assert [row["file"] for row in rows] == ["rock.wav", "notes.mp3", "half.wav", "unsure.wav"]
    assert [bool(row["error"]) for row in rows] == [False, True, False, False]
    assert [row["warnings"] for row in rows] == ["", "", warning, ""]
    _, content = downloaded(seen, "#batch-json")
    assert [answer["file"] for answer in json.loads(content)] == [row["file"] for row in rows]
    assert seen.complaints == []


def test_rows_are_sorted_and_filtered_by_keyboard_and_a_genre_is_a_playlist(visit, tagged):
    seen = visit(width=390)
    rock, mixed = tagged("rock.wav", title="Stone"), tagged("mixed.wav")
    odd = rock.rename(rock.with_name("#1: rock.wav"))
    seen.classify_all([odd, tagged("unsure.wav"), mixed])
    seen.tab.wait_for_selector("#batch-csv:not([disabled])")
    assert seen.tab.evaluate("document.documentElement.scrollWidth") == 390
    for selector in ("#answers tbody tr > *", ".sn-downloads button", ".sn-overview button"):
        for box in (e.bounding_box() for e in seen.tab.locator(selector).all()):
            assert box is None or (box["x"] >= 0 and box["x"] + box["width"] <= 390)
    sort = seen.tab.get_by_role("button", name="Confidence")
    for order, reverse in (("descending", True), ("ascending", False)):
        sort.focus()
        seen.tab.keyboard.press("Enter")
        seen.tab.wait_for_selector(f"#answers [aria-sort={order}]")
        shown = [int(found[1]) for row in rows_of(seen) if (found := re.search(r"(\d+) %", row))]
        assert shown == sorted(shown, reverse=reverse)
        assert len(set(shown)) == 3
    bar = seen.tab.get_by_role("button", name=re.compile("^Rock"))
    bar.focus()
    seen.tab.keyboard.press("Space")
    assert bar.get_attribute("aria-pressed") == "true"
    assert len(rows_of(seen)) == 1
    assert "1 of 3 songs shown" in seen.text(".sn-overview")
    name, content = downloaded(seen, ".sn-m3u")
    assert name == "Rock.m3u8"
    assert content.decode() == "#EXTM3U\n#EXTINF:2,Stone\n./#1: rock.wav\n"
    bar.press("Space")
    assert len(rows_of(seen)) == 3
    assert seen.complaints == []


def test_a_row_opens_its_song_and_plays_it(visit, tagged):
    seen = visit()
    seen.classify_all([tagged("rock.wav"), tagged("mixed.wav", title="Tune")])
    seen.tab.wait_for_selector("#batch-csv:not([disabled])")
    seen.tab.get_by_role("button", name="Play Tune").click()
    seen.tab.wait_for_selector("#timeline .bars path")
    seen.says("#metadata", "Tune")
    seen.tab.wait_for_function("document.querySelector('#song audio').currentTime > 0")
    assert seen.complaints == []


def test_songs_that_come_later_are_heard_and_those_before_are_not_again(visit, tagged):
    seen = visit()
    seen.classify_all([tagged("rock.wav")])
    seen.tab.wait_for_selector("#batch-csv:not([disabled])")
    seen.tab.locator("#songs input[type=file]").first.set_input_files(tagged("unsure.wav"))
    seen.tab.wait_for_selector("#answers tbody tr >> nth=1")
    seen.tab.wait_for_selector("text=2 songs heard.")
    seen.tab.locator("#songs button[aria-label=Clear]").click()
    seen.tab.wait_for_selector("#answers tbody tr", state="detached")
    seen.says("#status", "becomes a row")
    assert seen.complaints == []


def test_rows_fill_and_what_was_stopped_can_be_saved(visit, tagged, patience):
    seen = visit()
    seen.classify_all([tagged("rock.wav"), tagged("mixed.wav"), tagged("unsure.wav")])
    seen.tab.wait_for_selector("#answers tbody tr >> text=rock.wav")
    seen.tab.wait_for_selector("#status [role=progressbar][aria-valuenow='1']")
    seen.says("#status", "1 of 3")
    seen.tab.locator("#stop-batch").click()
    seen.says("#status", "Stopped: 1 song heard, 2 still to hear.")
    _, content = downloaded(seen, "#batch-csv")
    rows = csv.DictReader(io.StringIO(content.decode("utf-8-sig")))
    assert [row["file"] for row in rows] == ["rock.wav"]
    patience.set()
    seen.tab.get_by_role("button", name="Hear the rest").click()
    seen.says("#status", "3 songs heard.")
    seen.hides("#rest")
    assert seen.complaints == []


def test_about_says_which_weights_are_in_use(visit, classifier):
    seen = visit()
    seen.tab.get_by_role("tab", name="About").click()
    seen.tab.wait_for_selector("text=The weights in use")
    about = seen.text(".sn-about")
    assert classifier.weights.sha256 in about
    assert classifier.weights.source in about
    assert re.search(r"Accuracy|[Nn]o figures", about)
    assert seen.complaints == []
