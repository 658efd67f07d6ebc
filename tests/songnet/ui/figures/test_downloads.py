"""What is saved of an answer: JSON, CSV and a picture."""

import csv
import dataclasses
import io
import json
from pathlib import Path
from xml.etree import ElementTree

import gradio as gr
import pytest

from songnet import GENRES
from songnet.colours import GENRE_COLOURS
from songnet.ui.figures import downloads


def test_json_keeps_every_script():
    text = downloads.as_json([{"title": "Träume 夢"}])
    assert "Träume 夢" in text
    assert json.loads(text) == [{"title": "Träume 夢"}]


def test_songs_as_csv_have_a_row_a_file(analysed, tagged):
    answer = analysed(tagged("rock.wav", title="Stone")).prediction.to_json()
    failed = {"file": "notes.mp3", "error": "notes.mp3 is not audio."}
    good, bad = csv.DictReader(io.StringIO(downloads.songs_csv([answer, failed], GENRES)))
    assert (good["file"], good["genre"], good["error"]) == ("rock.wav", "Rock", "")
    assert (bad["file"], bad["genre"], bad["error"]) == ("notes.mp3", "", failed["error"])


def test_genres_are_no_formulas(analysed, tagged):
    prediction = dataclasses.replace(
        analysed(tagged("rock.wav")).prediction, probabilities={"=1+1": 1.0}, genre="=1+1"
    )
    windows = [
        dataclasses.replace(window, probabilities={"=1+1": 1.0}) for window in prediction.windows
    ]
    prediction = dataclasses.replace(prediction, windows=windows)
    for text in (
        downloads.songs_csv([prediction.to_json()], ("=1+1",)),
        downloads.windows_csv(prediction),
    ):
        (row,) = csv.DictReader(io.StringIO(text))
        assert row["genre"] == "'=1+1"
        assert row["'=1+1"] == "1.0"


def test_excel_reads_csv_as_utf_8(tmp_path):
    button = gr.DownloadButton()
    button.GRADIO_CACHE = str(tmp_path)
    for name, start in (("a.csv", b"\xef\xbb\xbfTr\xc3"), ("a.json", b"Tr\xc3")):
        saved = downloads.as_file(button, name, "Träume").value
        assert Path(saved["path"]).read_bytes().startswith(start)


def test_the_picture_is_one_svg_that_says_what_the_page_says(analysed, tagged):
    mixed = analysed(tagged("mixed.wav", title="Träume <1>", artist="Nobody"))
    picture = ElementTree.fromstring(downloads.picture(mixed))
    texts = [element.text for element in picture.iter("{http://www.w3.org/2000/svg}text")]
    assert "Träume <1> – Nobody" in texts
    assert set(GENRES) <= set(texts)
    fills = {element.get("fill") for element in picture.iter()}
    assert {pair.dark for pair in GENRE_COLOURS.values()} <= fills
    unsure = downloads.picture(analysed(tagged("unsure.wav")))
    assert ">Not sure<" in unsure
    assert ">perhaps Hip-Hop, 20 %<" in unsure


@pytest.mark.parametrize(
    "genres",
    [
        ("International",),
        ("Hip-Hop", "Experimental", "Rock"),
        ("Drum and Bass", "Experimental", "Instrumental", "Drum and Bass"),
    ],
)
def test_the_answer_in_the_picture_is_whole_and_ends_before_the_bars(analysed, tagged, genres):
    result = analysed(tagged("rock.wav"))
    none = dict.fromkeys((*GENRES, *genres), 0.0)
    windows = [
        dataclasses.replace(
            result.prediction.windows[0],
            start_s=30.0 * i,
            end_s=30.0 * (i + 1),
            probabilities={**none, genre: 1.0},
        )
        for i, genre in enumerate(genres)
    ]
    prediction = dataclasses.replace(
        result.prediction,
        windows=windows,
        genre=genres[0],
        duration_s=30.0 * len(genres),
        probabilities={genre: genres.count(genre) / len(genres) for genre in none},
    )
    shown = dataclasses.replace(result, prediction=prediction)
    picture = ElementTree.fromstring(downloads.picture(shown))
    texts = list(picture.iter("{http://www.w3.org/2000/svg}text"))
    headline = [text for text in texts if text.get("font-weight") == "700"]
    assert " ".join(text.text for text in headline) == prediction.verdict.text
    bars = min(float(text.get("x")) - 18 * 0.65 * len(text.text) for text in texts if is_name(text))
    for text in headline:
        # The widest of the usual fonts takes 0.65 of its size for a letter.
        assert 60 + 0.65 * int(text.get("font-size")) * len(text.text) <= bars
    below = [float(text.get("y")) for text in texts if text.get("x") == "64"]
    assert max(below) < 400  # above the waveform


def is_name(text):
    """Whether a text of the picture is a genre beside its bar."""
    return text.get("x") == "846"
