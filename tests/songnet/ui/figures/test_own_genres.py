"""Own genres as HTML: texts stay texts, and what is confused is told for two genres and for 200."""

from dataclasses import replace
from html.parser import HTMLParser

import pytest

from songnet.own_genres import OwnGenres
from songnet.ui.figures import own_genres
from songnet.ui.shelf import Shelf
from songnet.weights import load_weights
from tests.support.taught import taught

WEIGHTS = load_weights()


class Cells(HTMLParser):
    """The rows of the tables in a text."""

    def __init__(self, text):
        super().__init__()
        self.rows = []
        self._open = False
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        if tag == "tr":
            self.rows.append([])
        if tag in ("td", "th"):
            self.rows[-1].append("")
            self._open = True

    def handle_endtag(self, tag):
        self._open = self._open and tag not in ("td", "th")

    def handle_data(self, data):
        if self._open:
            self.rows[-1][-1] += data.strip()


@pytest.fixture(scope="module")
def three():
    return OwnGenres.learn(taught(3, spread=0.6), WEIGHTS)


def test_a_few_genres_are_a_matrix(three):
    shown = own_genres.quality(three)
    head, *rows = Cells(shown).rows
    assert head == ["", *three.names]
    assert [row[0] for row in rows] == list(three.names)
    assert [list(map(int, row[1:])) for row in rows] == list(map(list, three.held_out.confusion))
    low, high = (round(100 * end) for end in three.held_out.interval)
    for text in (
        f"{low} to {high}\u00a0%",
        "with a song left out",
        "on 15 songs",
        *three.remarks(),
    ):
        assert text in shown
    by_artist = OwnGenres.learn(taught(3, artists=True), WEIGHTS)
    assert "with an artist left out" in own_genres.quality(by_artist)


def test_many_genres_tell_what_each_is_taken_for():
    many = OwnGenres.learn(taught(200, 3, spread=0.5), WEIGHTS)
    head, *rows = Cells(own_genres.quality(many)).rows
    assert head == ["Genre", "Recognised", "Else taken for"]
    assert sorted(row[0] for row in rows) == sorted(many.names)
    recognised = [int(row[1].split()[0]) for row in rows]
    assert recognised == sorted(recognised)
    assert sum(recognised) == round(600 * many.held_out.accuracy)
    wrong = next(row for row in rows if row[1] == "2 of 3")
    assert wrong[2].endswith("(1)")


def test_names_and_titles_are_text(three):
    hostile = "<img src=x onerror=alert(1)>\"'&amp;"
    songs = tuple(replace(song, title=hostile, artist=hostile) for song in three.songs)
    genres = replace(three, songs=songs, names=(hostile, "b", "c"))
    shelf = Shelf(heard=tuple(replace(song, genre=hostile) for song in songs), taught=three)
    for shown in (
        own_genres.shelf(shelf),
        own_genres.quality(genres),
        own_genres.in_use(genres, genres, 8),
        own_genres.status(hostile, [hostile]),
        own_genres.save_button(genres),
    ):
        assert "<img" not in shown
        assert "&lt;img" in shown


def test_a_song_in_two_genres_is_told_of():
    songs = taught(2, 4)
    both = replace(songs[0], genre="Genre 1", title="The same")
    shown = own_genres.quality(OwnGenres.learn([*songs, both], WEIGHTS))
    assert "Title 0.0 is in Genre 0 and in Genre 1: it teaches both." in shown


def test_what_is_told_has_an_end():
    shown = own_genres.status("Taught.", [f"Song {number} is broken." for number in range(25)])
    assert "Song 19 is broken." in shown
    assert "And 5 more." in shown
    assert "Song 20" not in shown
    assert own_genres.named([f"G{n}" for n in range(30)]) == "G0, G1, G2, G3 and 26 more"
