"""A CSV file is read as people have it, or one sentence says that it is none."""

import pytest

from tests.support.sentences import assert_one_sentence
from train.data.csv_rows import rows_of
from train.errors import DataError


def titles(path):
    with rows_of(path, "of songs", ("title",)) as rows:
        return [row["title"].strip() for row in rows]


def test_a_table_with_a_byte_order_mark(tmp_path):
    path = tmp_path / "songs.csv"
    path.write_bytes("\ufefftitle,year\n Été ,1999\n".encode())
    assert titles(path) == ["Été"]


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_separators_and_line_ends(tmp_path, separator, end):
    path = tmp_path / "songs.csv"
    lines = ["", "Year,Title ", "1999,One", '2000,"Two, too;"', ""]
    text = end.join(lines).replace(",", separator, 2)
    text = text.replace("1999,", f"1999{separator}").replace("2000,", f"2000{separator}")
    path.write_bytes(text.encode())
    assert titles(path) == ["One", "Two, too;"]


@pytest.mark.parametrize(
    ("encoding", "title"),
    [
        ("cp1252", "Canção do mar – ao vivo"),
        ("cp1250", "Żywiołak i Dżem, Wehikuł czasu"),
        ("cp1251", "Группа крови на рукаве"),
        ("utf-8", "初恋"),
        ("utf-16", "初恋"),
        ("utf-16-le", "Canção"),
        ("utf-16-be", "Canção"),
        ("utf-32", "初恋"),
    ],
)
def test_encodings(tmp_path, encoding, title):
    path = tmp_path / "songs.csv"
    rows = "".join(f"{i};{title}\n" for i in range(5))
    path.write_bytes(f"year;title\n{rows}".encode(encoding))
    assert titles(path) == [title] * 5


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"name\nSong\n", "its first line must name title, and is “name”"),
        (b"", "its first line must name title"),
        (b"year,title\n1999\n", "a line of it has too few cells"),
        (b"year,title\n1999,One, Two\n", "its line 2 has more cells"),
        (b'year,title\n1999,"One\n2000,Two\n', "unexpected end of data"),
        (b"PK\x03\x04\x14\x00\x00\x00\x08\x00title\n\xff\xfe\n", "it is no text"),
        (b"title\n" + b"x" * 200_000, "field larger than field limit"),
        (None, "No such file"),
    ],
    ids=["column", "empty", "short", "long", "quote", "no text", "endless field", "no file"],
)
def test_what_is_no_such_table(tmp_path, content, why):
    path = tmp_path / "songs.csv"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(DataError, match=r"songs\.csv is no table of songs: ") as refusal:
        titles(path)
    assert why in str(refusal.value)
    assert_one_sentence(refusal.value)


def test_empty_cells_at_the_end_of_a_line_are_none(tmp_path):
    path = tmp_path / "songs.csv"
    path.write_text("title,year\nOne,1999,,\n\nTwo,2000\n")
    assert titles(path) == ["One", "Two"]
