"""A CSV file is read, or one sentence says that it is none."""

import pytest

from train.data.csv_rows import rows_of
from train.errors import DataError


def titles(path):
    with rows_of(path, "of songs", ("title",)) as rows:
        return [row["title"].strip() for row in rows]


def test_a_table_with_a_byte_order_mark(tmp_path):
    path = tmp_path / "songs.csv"
    path.write_bytes("\ufefftitle,year\n Été ,1999\n".encode())
    assert titles(path) == ["Été"]


@pytest.mark.parametrize(
    "content",
    [
        b"name\nSong\n",
        b"year,title\n1999\n",
        b"PK\x03\x04\x14\x00\x00\x00\x08\x00title\n\xff\xfe\n",
        b"title\n" + b"x" * 200_000,
        None,
    ],
    ids=["no such column", "a short row", "no text", "an endless field", "no file"],
)
def test_what_is_no_such_table(tmp_path, content):
    path = tmp_path / "songs.csv"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(DataError, match=r"songs\.csv is no table of songs: "):
        titles(path)
