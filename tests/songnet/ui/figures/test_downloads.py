"""What is saved of an answer: JSON, CSV and a picture."""

import csv
import dataclasses
import io
import json
from pathlib import Path
from xml.etree import ElementTree

import gradio as gr

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
