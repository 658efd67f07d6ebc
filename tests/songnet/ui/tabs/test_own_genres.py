"""The tab for one's own genres in a real Chromium, from the first song to the file and back."""

import csv
import functools
import io
import json
from pathlib import Path

import numpy as np
import pytest
from gradio.utils import get_upload_folder

from songnet import GENRES
from songnet.own_genres import OwnGenres
from songnet.table import table_columns
from songnet.weights import load_weights
from tests.songnet.ui.test_accessibility import choose_by_keyboard, serious, tab_to
from tests.support import songs
from tests.support.taught import embeddings, song_of, taught, write_music

HOSTILE = "<img src=x onerror=alert(1)>"


@pytest.fixture
def music(tmp_path):
    """Four songs of each of two genres."""
    folder = write_music(tmp_path / "music")
    return {genre: sorted((folder / genre).iterdir()) for genre in ("Noise", "Tones")}


@pytest.fixture
def unheard(tmp_path):
    """A song of a genre that taught nothing: ``unheard("Tones")`` gives its path."""
    # Written once: the page plays a song from the file, which must not change meanwhile.
    return functools.cache(lambda genre: songs.write(tmp_path / f"{genre}.wav", song_of(genre, 9)))


def file_of(folder, n_genres, **options):
    """A file of own genres that goes with the network, as far as anybody can tell."""
    directions = np.pad(embeddings(n_genres, 4, 0.5), ((0, 0), (0, 0), (0, 72)))
    named = zip(taught(n_genres, 4, **options), directions.reshape(-1, 96), strict=True)
    learned = OwnGenres.learn(
        [type(song)(song.genre, direction, song.title) for song, direction in named], load_weights()
    )
    learned.save(folder / f"{n_genres}.genres")
    return folder / f"{n_genres}.genres"


def opened(seen):
    """The same visit, with the tab open."""
    seen.tab.get_by_role("tab", name="Your genres").click()
    seen.tab.wait_for_selector("#genre")
    return seen


def choose(seen, name, paths):
    """Fills in a genre's name and its songs."""
    seen.tab.locator("#genre :is(input, textarea)").fill(name)
    seen.tab.set_input_files("#genre-songs input[type=file]", paths)
    seen.tab.locator("#genre-songs a[href*='file=']").nth(len(paths) - 1).wait_for()


def add(seen, name, paths):
    """Adds songs to a genre, and waits until the form is empty again."""
    choose(seen, name, paths)
    add_chosen(seen)


def add_chosen(seen):
    """Adds the songs that are chosen, and waits until the form is empty again."""
    seen.tab.locator("#add-songs").click()
    seen.tab.wait_for_selector("#genre-songs input[type=file]", state="attached")
    seen.tab.locator("#genre-songs a[href*='file=']").first.wait_for(state="detached")


def teach(seen, told):
    """Teaches what is there, and waits until the page says so."""
    seen.tab.locator("#teach").click()
    seen.tab.wait_for_selector(f"#taught >> text={told}")


def load(seen, path):
    """Loads a file of own genres."""
    with seen.tab.expect_file_chooser() as chooser:
        seen.tab.locator("#load-genres").click()
    chooser.value.set_files(path)


def answered(seen, path):
    """The verdict for a song, and the genres of its bars."""
    seen.tab.get_by_role("tab", name="One song").click()
    seen.upload(path)
    names = seen.tab.locator("#bars .sn-bar-name").all_text_contents()
    return seen.text(".sn-headline"), sorted(names)


def downloaded(seen, selector):
    with seen.tab.expect_download() as download:
        seen.tab.locator(selector).click()
    return download.value.suggested_filename, download.value.path().read_bytes()


def test_teach_classify_save_reload_load_and_teach_more(visit, music, unheard, tmp_path):
    seen = opened(visit(width=390))
    choose(seen, HOSTILE, music["Noise"])
    seen.tab.locator("#add-songs").click()
    seen.tab.wait_for_selector("#not-added .sn-alert")
    assert f"“{HOSTILE}” is no name for a genre" in seen.text("#not-added")
    # The songs are still there.
    seen.tab.locator("#genre :is(input, textarea)").fill("Noise & co")
    add_chosen(seen)
    seen.says("#shelf", "Add another genre")
    copies = [songs.write(tmp_path / f"{n}copy.wav", song_of("Tones", 0)) for n in range(3)]
    add(seen, "Tones", copies)
    teach(seen, "Here is one, Noise & co: add songs of another.")
    assert seen.tab.locator("#taught .sn-alert p").all_text_contents()[1:] == [
        "Copies of songs in the same genre, which are left out: 2 (1copy.wav, 2copy.wav).",
        "Tones has 1 song that can be learned from and needs 3: the genre is left out.",
    ]
    seen.says("#shelf", "Tones needs 2 songs more.")
    silence = songs.write(tmp_path / "silence.wav", np.zeros((88_200, 1), np.float32))
    (tmp_path / "broken.mp3").write_bytes(b"La la la" * 1_000)
    add(seen, "Tones", [*music["Tones"], silence, tmp_path / "broken.mp3"])
    teach(seen, "2 genres are taught, by 8 songs.")
    for told in ("left out: 1 (0.wav)", "silence.wav is silent", "broken.mp3 is not audio"):
        assert told in seen.text("#taught")
    assert "100 % of your songs are recognised" in seen.text(".sn-figure").replace("\n", " ")
    assert "with a song left out at a time" in seen.text(".sn-quality")
    assert seen.tab.locator(".sn-matrix td").all_text_contents() == ["", "4", "0", "0", "4"]
    seen.says("#in-use", "your 2 genres: Noise & co and Tones")
    assert seen.tab.evaluate("document.documentElement.scrollWidth <= innerWidth")
    name, content = downloaded(seen, ".sn-save")
    own = OwnGenres.from_bytes(content)
    assert (name, own.counts) == ("my.genres", {"Noise & co": 4, "Tones": 4})

    assert answered(seen, unheard("Tones")) == ("Tones", ["Noise & co", "Tones"])
    assert "in your genres" in seen.text("#verdict")
    seen.tab.locator("#similar li").nth(4).wait_for()
    answer = json.loads(downloaded(seen, "#json")[1])
    assert list(answer["probabilities"]) == ["Noise & co", "Tones"]
    assert answer["model"]["own_genres"] == own.digest
    stranger = visit()
    assert answered(stranger, unheard("Tones"))[1] == sorted(GENRES)
    assert not stranger.tab.locator("#in-use").is_visible()

    seen.classify_all([unheard("Noise"), unheard("Tones")])
    seen.tab.wait_for_selector("#batch-csv:not([disabled])")
    seen.says("#status", "2 songs heard in your genres.")
    rows = csv.DictReader(io.StringIO(downloaded(seen, "#batch-csv")[1].decode("utf-8-sig")))
    assert [row["genre"] for row in rows] == ["Noise & co", "Tones"]
    assert rows.fieldnames == table_columns(own.names)
    seen.tab.locator("#switch").click()
    seen.tab.wait_for_selector("#in-use >> text=SongNet's 8 genres")
    assert answered(seen, unheard("Noise"))[1] == sorted(GENRES)

    seen.tab.reload()
    (tmp_path / "saved.genres").write_bytes(content)
    load(opened(seen), tmp_path / "saved.genres")
    seen.tab.wait_for_selector("#taught >> text=2 genres with 8 songs are loaded.")
    assert not [*Path(get_upload_folder()).rglob("saved.genres")]
    add(seen, "Both", [songs.write(tmp_path / f"{n}.wav", song_of("Tones", n)) for n in (5, 6, 7)])
    seen.says("#shelf", "3 songs, new")
    teach(seen, "3 genres are taught, by 11 songs.")
    # What is listed is what is saved.
    counts = OwnGenres.from_bytes(downloaded(seen, ".sn-save")[1]).counts
    assert counts == {"Noise & co": 4, "Tones": 4, "Both": 3}
    seen.tab.get_by_role("button", name="Remove Both").click()
    seen.tab.wait_for_selector("#in-use >> text=your 2 genres")
    assert answered(seen, unheard("Noise")) == ("Noise & co", ["Noise & co", "Tones"])
    seen.tab.get_by_role("tab", name="Your genres").click()
    seen.tab.get_by_role("button", name="Remove Tones").click()
    seen.tab.wait_for_selector("#taught >> text=SongNet needs two genres")
    seen.hides("#in-use")
    assert seen.complaints == []


def test_what_was_heard_stays_when_it_is_stopped(visit, music, tagged, patience):
    seen = opened(visit())
    add(seen, "Tones", [*music["Tones"][:2], tagged("mixed.wav")])
    add(seen, "Noise", music["Noise"])
    seen.tab.locator("#teach").click()
    seen.tab.wait_for_selector("#taught >> text=Hearing Tones: 3 of 7")
    seen.hides(".sn-act")
    seen.tab.locator("#stop-teaching").click()
    seen.tab.wait_for_selector("#taught >> text=Stopped. 5 songs still to hear: Teach goes on.")
    patience.set()
    teach(seen, "2 genres are taught, by 7 songs.")
    assert seen.complaints == []


def test_a_file_that_is_none_changes_nothing(visit, tmp_path):
    seen = opened(visit())
    load(seen, file_of(tmp_path, 2))
    seen.tab.wait_for_selector("#taught >> text=2 genres with 8 songs are loaded.")
    changed = json.loads((tmp_path / "2.genres").read_text())
    for name, content, sentence in (
        ("notes", "La la la", "it is no JSON"),
        ("other", json.dumps({"format": "another"}), "This is no file of own genres"),
        ("network", json.dumps(changed | {"network": "f" * 64}), "taught with other weights"),
        ("nan", json.dumps(changed | {"temperature": float("nan")}), "it is no JSON"),
    ):
        (tmp_path / f"{name}.genres").write_text(content)
        load(seen, tmp_path / f"{name}.genres")
        seen.tab.wait_for_selector(f"#taught .sn-alert >> text={sentence}")
    assert seen.tab.locator("#shelf li").count() == 2
    assert "your 2 genres" in seen.text("#in-use")
    assert seen.complaints == []


def test_from_a_name_to_an_answer_by_keyboard(visit, music):
    seen = opened(visit())
    seen.tab.get_by_role("tab", name="Your genres").focus()
    press = seen.tab.keyboard.press
    for genre, paths in music.items():
        tab_to(seen, "#genre :is(input, textarea)")
        seen.tab.keyboard.type(genre)
        tab_to(seen, "#genre-songs button")
        choose_by_keyboard(seen, paths)
        seen.tab.locator("#genre-songs a[href*='file=']").nth(3).wait_for()
        tab_to(seen, "#add-songs")
        press("Enter")
        seen.tab.locator("#shelf li", has_text=genre).wait_for()
        seen.holds("() => !document.querySelector('#genre :is(input, textarea)').value")
        seen.tab.get_by_role("tab", name="Your genres").focus()
    seen.tab.wait_for_selector("#teach:not([disabled])")
    tab_to(seen, "#teach")
    press("Enter")
    seen.tab.wait_for_selector(".sn-quality:visible")
    seen.tab.get_by_role("tab", name="Your genres").focus()
    tab_to(seen, ".sn-save")
    with seen.tab.expect_download() as download:
        press("Enter")
    assert download.value.suggested_filename == "my.genres"
    seen.tab.evaluate("document.activeElement.blur(); scrollTo(0, 0)")
    tab_to(seen, "#switch")
    press("Enter")
    seen.tab.wait_for_selector("#in-use >> text=SongNet's 8 genres")
    tab_to(seen, ".sn-act[data-genre=Tones][data-act=more]")
    press("Enter")
    seen.tab.wait_for_function("document.activeElement.value === 'Tones'")
    tab_to(seen, ".sn-act[data-genre=Tones][data-act=remove]")
    press("Enter")
    seen.tab.locator("#shelf li", has_text="Tones").wait_for(state="detached")
    seen.hides("#in-use")
    assert seen.complaints == []


def test_on_a_telephone_what_a_button_says_is_seen(visit, tmp_path):
    seen = opened(visit(width=390, height=844))
    in_sight = """(selector) => {
        const box = document.querySelector(selector)?.getBoundingClientRect();
        return box && box.height > 0 && box.top >= 0 && box.bottom <= innerHeight;
    }"""
    for name, told in (("", "Name a genre first"), ("Dub", "Choose songs of the genre first")):
        seen.tab.locator("#genre :is(input, textarea)").fill(name)
        seen.tab.locator("#add-songs").click()
        seen.says("#not-added .sn-alert", told)
        seen.holds(in_sight, "#not-added .sn-alert")
    load(seen, file_of(tmp_path, 8))
    seen.says("#taught .sn-status", "8 genres with")
    seen.holds(in_sight, "#taught .sn-status")
    # What was wrong is past.
    assert not seen.tab.locator("#not-added").is_visible()
    assert seen.complaints == []


@pytest.mark.parametrize("width", [390, 1280])
def test_no_serious_finding_and_nothing_off_screen(visit, unheard, music, tmp_path, width):
    seen = opened(visit(width=width))

    def check():
        assert serious(seen) == []
        seen.holds("() => document.documentElement.scrollWidth <= innerWidth")

    check()
    add(seen, "A genre whose name is as long as a name may be, with sixty", music["Tones"][:1])
    check()
    for n_genres in (8, 40):
        load(seen, file_of(tmp_path, n_genres))
        seen.tab.wait_for_selector(f"#taught >> text={n_genres} genres with")
        check()
    seen.tab.get_by_role("tab", name="One song").click()
    seen.upload(unheard("Tones"))
    seen.tab.wait_for_selector("#timeline .bars path")
    seen.tab.get_by_text("30 more genres").click()
    assert seen.tab.locator(".sn-bars li:visible").count() == 40
    check()
    assert seen.complaints == []
