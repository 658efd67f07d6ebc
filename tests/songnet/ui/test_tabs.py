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
    plot = answered.tab.locator("#spectrogram .nsewdrag").bounding_box()
    assert plot["width"] > 700
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


def test_many_songs_of_which_some_are_broken(visit, tmp_path, tagged):
    seen = visit()
    good = tagged("rock.wav", title="Stone", artist="Nobody")
    unsure = tagged("unsure.wav")
    broken = bad_files(tmp_path)[0][0]
    half, warning = half_a_song(tmp_path)
    seen.classify_all([good, broken, half, unsure])
    seen.tab.wait_for_selector("#batch-csv:not([disabled])")
    # Gradio draws a row a moment after it came.
    seen.tab.wait_for_selector("#answers [role=gridcell] >> text=unsure.wav")
    table = seen.text("#answers")
    for text in ("rock.wav", "Rock", "72", "Stone", "Nobody", "Not sure", "is not audio", warning):
        assert text in table
    assert seen.text("#status") == "3 songs heard, 1 with a warning, 1 file failed."
    _, content = downloaded(seen, "#batch-csv")
    rows = list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))
    assert list(rows[0]) == table_columns()
    assert [row["file"] for row in rows] == ["rock.wav", "notes.mp3", "half.wav", "unsure.wav"]
    assert [bool(row["error"]) for row in rows] == [False, True, False, False]
    assert [row["warnings"] for row in rows] == ["", "", warning, ""]
    _, content = downloaded(seen, "#batch-json")
    assert [answer["file"] for answer in json.loads(content)] == [row["file"] for row in rows]
    assert seen.complaints == []


def test_the_table_can_be_sorted_by_keyboard(visit, tagged):
    seen = visit()
    seen.classify_all([tagged("rock.wav"), tagged("unsure.wav"), tagged("mixed.wav")])
    seen.tab.wait_for_selector("#batch-csv:not([disabled])")
    seen.tab.locator("#answers th[title='Confidence (%)'] .cell-menu-button:visible").focus()
    seen.tab.keyboard.press("Enter")
    seen.tab.get_by_role("menuitem", name="Sort ascending").focus()
    seen.tab.keyboard.press("Enter")
    seen.tab.wait_for_selector("#answers [aria-label='Sorted ascending']")
    seen.tab.wait_for_selector("#answers [role=gridcell] >> text=rock.wav")
    cells = seen.tab.locator("#answers [role=gridcell][aria-colindex='3']").all_inner_texts()
    assert [int(cell) for cell in cells] == sorted(int(cell) for cell in cells)
    assert len(set(cells)) == 3


def test_the_table_fills_and_a_stopped_one_can_be_saved(visit, tagged, patience):
    seen = visit()
    seen.classify_all([tagged("rock.wav"), tagged("mixed.wav"), tagged("unsure.wav")])
    seen.tab.wait_for_selector("#answers [role=gridcell] >> text=rock.wav")
    seen.tab.get_by_role("progressbar").wait_for()
    seen.tab.locator("#stop-batch").click()
    seen.tab.wait_for_selector("#batch-csv:not([disabled])")
    assert seen.text("#status") == "1 song heard."
    patience.set()
    _, content = downloaded(seen, "#batch-csv")
    rows = csv.DictReader(io.StringIO(content.decode("utf-8-sig")))
    assert [row["file"] for row in rows] == ["rock.wav"]
    assert seen.complaints == []


def test_many_songs_wants_at_least_one(visit):
    seen = visit()
    seen.tab.get_by_role("tab", name="Many songs").click()
    seen.tab.locator("#start").click()
    seen.tab.wait_for_selector("text=Choose at least one file first.")


def test_about_says_which_weights_are_in_use(visit, classifier):
    seen = visit()
    seen.tab.get_by_role("tab", name="About").click()
    seen.tab.wait_for_selector("text=The weights in use")
    about = seen.text(".sn-about")
    assert classifier.weights.sha256 in about
    assert classifier.weights.source in about
    assert re.search(r"Accuracy|[Nn]o figures", about)
    assert seen.complaints == []
