"""Texts that are called Latin-1: what may be Latin-1 stays, the rest is read as it was meant."""

import random

import chardet
import pytest

from songnet.audio.code_pages import decoder
from tests.support.titles import FOREIGN, LATIN, titles


def alone(text, encoding):
    """A text as it is read if the file has no other."""
    return decoder([text.encode(encoding)])(text.encode(encoding))


def latin_titles(language, encoding):
    """The titles of a language that an encoding can hold, in each case."""
    cased = {
        case(title) for title in titles(LATIN[language]) for case in (str, str.upper, str.lower)
    }
    return [
        text for text in sorted(cased) if text == text.encode(encoding, "ignore").decode(encoding)
    ]


@pytest.mark.parametrize("encoding", ["latin-1", "cp1252"])
@pytest.mark.parametrize("language", LATIN)
def test_what_is_latin_1_is_never_changed(language, encoding):
    found = latin_titles(language, encoding)
    assert len(found) >= 10
    assert [text for text in found if alone(text, encoding) != text] == []
    together = decoder([text.encode(encoding) for text in found])
    assert [together(text.encode(encoding)) for text in found] == found


@pytest.mark.parametrize("code_page", ["cp1251", "gb18030", "cp932"])
def test_latin_1_beside_other_languages_stays(code_page):
    foreign = titles(FOREIGN[code_page])[:3]
    decode = decoder([text.encode(code_page) for text in [*foreign, "Tune"]])
    assert [decode(text.encode(code_page)) for text in foreign] == foreign
    for text in ("Björk", "Sigur Rós", "Café del Mar", "Mötley Crüe", "Déjà vu", "El Niño"):
        assert decode(text.encode("latin-1")) == text


@pytest.mark.parametrize(
    ("encoding", "least_right", "most_wrong"),
    [("utf-8", 1.0, 0.0), ("cp1251", 0.9, 0.0), ("gb18030", 0.85, 0.02), ("cp932", 0.9, 0.01)],
)
def test_three_texts_of_a_file_are_enough(encoding, least_right, most_wrong):
    drawn = random.Random(1)
    foreign = [text for text in titles(FOREIGN[encoding]) if not text.isascii()]
    right = wrong = 0
    for _ in range(200):
        texts = [text.encode(encoding) for text in drawn.sample(foreign, 3)]
        decode = decoder(texts)
        for text in texts:
            is_right = decode(text) == text.decode(encoding)
            right += is_right
            # What is not sure stays Latin-1.
            wrong += not is_right and decode(text) != decoder([])(text)
    assert right >= least_right * 600
    assert wrong <= most_wrong * 600


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("Группа крови", "cp1251"),
        ("Звезда по имени Солнце (live)", "cp1251"),
        ("НОЧНЫЕ СНАЙПЕРЫ", "cp1251"),
        ("Воплі Відоплясова", "cp1251"),
        ("月亮代表我的心", "gb18030"),
        ("爱情转移 (Live)", "gb18030"),
        ("椎名林檎", "cp932"),
        ("津軽海峡・冬景色", "cp932"),
        ("スピッツ", "cp932"),
        ("돌아와요 부산항에", "cp949"),
        ("旅行的意義", "big5"),
        ("Μίκης Θεοδωράκης", "cp1253"),
        ("ירושלים של זהב", "cp1255"),
        ("Café", "utf-8"),
        ("Antonín Dvořák – Rusalka", "utf-8"),
        ("🎵", "utf-8"),
    ],
)
def test_single_titles(text, encoding):
    assert alone(text, encoding) == text


def test_windows_punctuation():
    assert decoder([])(b"Don\x92t \x93stop\x94 \x96 now\x85") == "Don’t “stop” – now…"


def test_utf_8_that_id3v1_has_cut():
    whole = "Sigur Rós – Ágætis byrjun í é"
    assert decoder([])(whole.encode()[:-1]) == whole[:-1]
    assert decoder([])("Caf\xe9".encode("latin-1")) == "Café"


@pytest.mark.parametrize("text", [b"", b"\xff" * 1200, bytes(range(256)) * 4, b"\x81\x8d\x90 \x9d"])
def test_rubbish_is_some_text(text):
    assert isinstance(decoder([text])(text), str)


def test_a_search_that_fails_loses_no_text(monkeypatch):
    monkeypatch.setattr(chardet, "detect_all", lambda *_, **__: 1 / 0)
    assert alone("Кино", "cp1251") == "Êèíî"
