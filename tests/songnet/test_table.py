"""A table loses nothing: what is there stays, or one sentence says why the run stops."""

import csv
import fcntl
import io
import os
import resource
import subprocess
from pathlib import Path

import pytest

from songnet.errors import TableError
from songnet.spec import GENRES
from songnet.table import CsvTable, path_text, table_columns
from songnet.table.earlier import BYTE_ORDER_MARK

COLUMNS = [*table_columns(), "path"]


def answer(file, title=None, genres=GENRES):
    """What the network could have said of a song."""
    return {
        "file": file,
        "genre": genres[0],
        "confidence": 0.5,
        "abstained": False,
        "duration_s": 30.0,
        "probabilities": dict.fromkeys(genres, 1 / len(genres)),
        "windows": [],
        "metadata": {"artist": None, "title": title, "album": None, "year": None},
        "warnings": [],
        "model": {},
        "verdict": {"kind": "genre", "text": genres[0], "genres": [genres[0]]},
    }


def failure(file, error="is no audio"):
    return {"file": file, "error": f"{file} {error}."}


def fill(path, *answers, genres=GENRES):
    """Adds answers for files of /music, but those that are there; gives the table's content."""
    paths = {path_text(f"/music/{each['file']}"): each for each in answers}
    with CsvTable(path, genres) as table:
        for name in table.unfinished(paths):
            table.add(name, paths[name])
    return path.read_bytes()


def cells(path, column):
    rows = csv.reader(io.StringIO(path.read_bytes().decode("utf-8-sig"), newline=""))
    position = next(rows).index(column)
    return [row[position] for row in rows if row]


def refused(path, *answers):
    """The sentence with which a table is refused, which stays as it is."""
    content = path.read_bytes()
    with pytest.raises(TableError) as caught:
        fill(path, *answers)
    assert path.read_bytes() == content
    assert list(path.parent.iterdir()) == [path]
    return str(caught.value)


@pytest.fixture
def out(tmp_path):
    return tmp_path / "out.csv"


def test_excel_reads_it_as_utf_8(out):
    content = fill(out, answer("夢.mp3", "Träume"))
    assert content.startswith(BYTE_ORDER_MARK + b"file,genre,")
    assert content.count(BYTE_ORDER_MARK) == 1
    assert fill(out, answer("2.mp3")).startswith(content)


def test_a_table_without_a_mark_and_with_other_line_ends_goes_on(out):
    content = fill(out, answer("1.mp3"), failure("2.mp3"))
    plain = content.removeprefix(BYTE_ORDER_MARK).replace(b"\r\n", b"\n").replace(b'"', b"")
    out.write_bytes(plain)
    grown = fill(out, answer("1.mp3"), answer("3.mp3"))
    assert grown.startswith(plain)
    assert b"\r" not in grown
    assert cells(out, "file") == ["1.mp3", "2.mp3", "3.mp3"]


def test_every_cut_is_gone_on_with(out):
    answers = [answer("1.mp3", 'Say "Ü", twice'), failure("2.mp3"), answer("3 é.mp3")]
    content = fill(out, *answers)
    for length in (0, 3, *range(20, len(content) + 1)):
        out.write_bytes(content[:length])
        assert fill(out, *answers) == content, length


def test_a_row_that_lacks_its_line_end_alone_is_kept(out):
    content = fill(out, answer("1.mp3"), answer("2.mp3"))
    out.write_bytes(content.removesuffix(b"\r\n"))
    assert fill(out, answer("3.mp3")).startswith(content)
    assert cells(out, "path") == ["/music/1.mp3", "/music/2.mp3", "/music/3.mp3"]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b"Stone", b'"Sto\r\nne"'),
        (b"Stone", b'"Sto\nne"'),
        (b'/music/2.mp3"\r\n', b'/music/2.mp3"\r\n\r\n\r\n'),
        (b'/music/2.mp3"\r\n', b'/music/2.mp3"\n\n'),
    ],
    ids=["line break", "other line break", "empty lines", "empty line"],
)
def test_what_somebody_has_written_into_it_is_kept(out, before, after):
    content = fill(out, *(answer(f"{n}.mp3", "Stone") for n in range(1, 6)))
    edited = content.replace(before, after, 2)
    out.write_bytes(edited)
    assert fill(out, answer("4.mp3"), answer("6.mp3")).startswith(edited)
    assert cells(out, "file") == [f"{n}.mp3" for n in range(1, 7)]


@pytest.mark.parametrize("line_end", [b"\r\n", b""])
def test_a_long_cell_is_kept(out, line_end):
    """Python's reader refuses cells of more than 131,072 characters."""
    limit = csv.field_size_limit()
    content = fill(out, answer("1.mp3", "Title")).replace(b"Title", b"T" * 200_000)
    out.write_bytes(content.removesuffix(b"\r\n") + line_end)
    assert fill(out, answer("1.mp3"), answer("2.mp3")).startswith(content)
    assert csv.field_size_limit() == limit


@pytest.mark.parametrize(
    ("before", "after", "sentence"),
    [
        (b"2.mp3,", b"2.mp3,,", "has no row of 21 cells in line 3: mend"),
        (b"2.mp3,", b"# mine\r\n2.mp3,", "has no row of 21 cells in line 3: mend"),
        (b"2.mp3,", b"\xfc.mp3,", "is not UTF-8 in line 3: save it as UTF-8"),
        (b"2.mp3,", b'"2.mp3,', "cannot be read from line 3 on"),
        (b"4.mp3,", b'"4".mp3,', "cannot be read from line 5 on"),
        (b"/music/4.mp3", b"/music/4.mp3\nsee below", "cannot be read from line 5 on"),
    ],
)
def test_a_line_that_is_no_row_is_named(out, before, after, sentence):
    content = fill(out, *(answer(f"{n}.mp3") for n in range(1, 5)))
    out.write_bytes(content.replace(before, after, 1).removesuffix(b'"\r\n' * (b"see" in after)))
    assert f"out.csv {sentence}" in refused(out, answer("5.mp3"))


@pytest.mark.parametrize(
    "content",
    [b"file", b"f", b"file,size\n", b"file,genre\n1,2\n", b'"\n', b"\n", b"\xff\xfe", b"ID3\0"],
)
def test_what_is_no_table_is_left_alone(out, content):
    out.write_bytes(content)
    assert refused(out, answer("1.mp3")) == (
        "out.csv is there and is no table of SongNet's: name another file."
    )


@pytest.mark.parametrize(
    "lacks", [["path"], ["warnings"], ["warnings", "path"]], ids=lambda lacks: " ".join(lacks)
)
def test_a_table_of_an_older_version_is_refused(out, lacks):
    content = fill(out, answer("01.mp3"))
    rows = list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))
    with open(out, "w", newline="", encoding="utf-8") as file:
        columns = [column for column in COLUMNS if column not in lacks]
        writer = csv.DictWriter(file, columns, extrasaction="ignore")
        writer.writeheader()
        writer.writerows(rows)
    assert refused(out, answer("01.mp3")) == (
        f"out.csv was written by an older SongNet, without the column {' and '.join(lacks)}: "
        "name another file."
    )


def test_a_table_without_verdicts_goes_on_without_them(out):
    rows = list(csv.DictReader(io.StringIO(fill(out, answer("1.mp3")).decode("utf-8-sig"))))
    with open(out, "w", newline="", encoding="utf-8-sig") as file:
        older = [column for column in COLUMNS if column != "verdict"]
        writer = csv.DictWriter(file, older, extrasaction="ignore")
        writer.writeheader()
        writer.writerows(rows)
    content = out.read_bytes()
    assert fill(out, answer("1.mp3")) == content
    assert fill(out, answer("2.mp3")).startswith(content)
    assert cells(out, "error") == ["", ""]
    assert [Path(path).name for path in cells(out, "path")] == ["1.mp3", "2.mp3"]


def test_warnings_have_a_cell(out):
    warned = answer("1.mp3") | {"warnings": ["One.", "Two."]}
    content = fill(out, warned, answer("2.mp3"), failure("3.mp3"))
    assert cells(out, "warnings") == ["One. Two.", "", ""]
    assert fill(out, warned, answer("2.mp3"), failure("3.mp3")) == content


@pytest.mark.parametrize(
    ("delimiter", "encoding", "added", "changed"),
    [
        (";", "utf-8-sig", "", "separator"),
        ("\t", "utf-16", "", "encoding and separator"),
        (",", "utf-16", "", "encoding"),
        (",", "utf-8", "my notes", "row of columns"),
        (";", "utf-8", "my notes", "separator and row of columns"),
    ],
)
def test_a_table_that_a_spreadsheet_has_saved(out, delimiter, encoding, added, changed):
    text = fill(out, answer("1.mp3")).decode("utf-8-sig")
    rows = [[*row, *filter(None, [added])] for row in csv.reader(io.StringIO(text, newline=""))]
    with open(out, "w", newline="", encoding=encoding) as file:
        csv.writer(file, delimiter=delimiter).writerows(rows)
    said = refused(out, answer("2.mp3"))
    assert said.startswith(f"out.csv was saved with another {changed} by a spreadsheet, it seems: ")


def test_an_answer_with_a_warning_gives_way_to_an_answer_alone(out):
    warned = answer("1.mp3") | {"warnings": ["One."]}
    content = fill(out, warned, answer("2.mp3"))
    assert fill(out, failure("1.mp3")) == content
    line = content.splitlines(keepends=True)[1]
    # A run that was killed leaves both rows.
    out.write_bytes(content + line.replace(b"One.", b""))
    fill(out, answer("3.mp3"))
    assert cells(out, "file") == ["1.mp3", "2.mp3", "3.mp3"]
    assert cells(out, "warnings") == ["", "", ""]


def test_failed_files_are_tried_again_in_their_place(out):
    content = fill(out, answer("1.mp3"), failure("2.mp3"), failure("3.mp3"), answer("4.mp3"))
    os.chmod(out, 0o640)
    assert fill(out, failure("2.mp3"), failure("3.mp3")) == content
    fill(out, answer("2.mp3"), failure("3.mp3", "is empty"))
    assert cells(out, "file") == ["1.mp3", "2.mp3", "3.mp3", "4.mp3"]
    assert cells(out, "error") == ["", "", "3.mp3 is empty.", ""]
    assert out.stat().st_mode & 0o777 == 0o640


def test_a_run_that_is_killed_loses_neither_the_failed_row_nor_the_answer(out):
    before = fill(out, failure("1.mp3"), answer("2.mp3"))
    table = CsvTable(out, GENRES)
    table.add("/music/1.mp3", answer("1.mp3"))
    during = out.read_bytes()
    assert during.startswith(before)
    table.__exit__()
    out.write_bytes(during)
    fill(out)
    assert cells(out, "file") == ["1.mp3", "2.mp3"]
    assert cells(out, "error") == ["", ""]


def test_a_link_stays_a_link(out, tmp_path):
    (tmp_path / "below").mkdir()
    out.symlink_to("below/real.csv")
    fill(out, failure("1.mp3"))
    fill(out, answer("1.mp3"))
    assert out.is_symlink()
    assert cells(tmp_path / "below" / "real.csv", "error") == [""]


def test_an_edit_during_the_run_is_kept(out):
    fill(out, failure("1.mp3"), answer("2.mp3", "Old"))
    with CsvTable(out, GENRES) as table:
        table.add("/music/1.mp3", answer("1.mp3"))
        out.write_bytes(out.read_bytes().replace(b"Old", b"New one"))
        table.add("/music/3.mp3", answer("3.mp3"))
    assert cells(out, "title") == ["", "New one", ""]


def test_a_table_that_is_replaced_during_the_run_is_told(out, tmp_path):
    other = tmp_path / "other"
    with CsvTable(out, GENRES) as table:
        other.write_bytes(out.read_bytes())
        other.replace(out)
        with pytest.raises(TableError, match="saved by another program: run the same command"):
            table.add("/music/1.mp3", answer("1.mp3"))


def test_one_run_at_a_time(out):
    fill(out, failure("1.mp3"))
    with CsvTable(out, GENRES) as table:
        sentence = "out.csv is being written by another run: wait for its end, or name another file"
        with pytest.raises(TableError, match=sentence):
            CsvTable(out, GENRES)
        table.add("/music/1.mp3", answer("1.mp3"))
    fill(out, answer("2.mp3"))
    assert cells(out, "file") == ["1.mp3", "2.mp3"]


def test_a_lock_on_a_table_that_was_just_replaced_is_none(out, monkeypatch):
    """The other run ends between the opening and the locking of the file."""
    fill(out, failure("1.mp3"))
    real, replaced = fcntl.flock, []

    def flock(file, operation):
        if not replaced:
            replaced.append(True)
            fresh = out.with_suffix(".new")
            fresh.write_bytes(out.read_bytes())
            fresh.replace(out)
        real(file, operation)

    monkeypatch.setattr(fcntl, "flock", flock)
    fill(out, answer("2.mp3"))
    assert cells(out, "file") == ["1.mp3", "2.mp3"]


def test_a_file_system_without_locks(out, monkeypatch):
    def flock(*_):
        raise OSError(95, "Operation not supported")

    monkeypatch.setattr(fcntl, "flock", flock)
    fill(out, answer("1.mp3"))
    assert cells(out, "file") == ["1.mp3"]


@pytest.fixture
def file_limit():
    """Sets the size at which files cannot grow any more, as on a full disk."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    yield lambda size: resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_a_full_disk_leaves_the_rows_that_are_there(out, file_limit):
    content = fill(out, failure("1.mp3"), answer("2.mp3"))
    file_limit(len(content) + 40)
    with pytest.raises(TableError, match=r"^out\.csv cannot be written \(File too large\): name"):
        fill(out, answer("3.mp3"))
    assert out.read_bytes() == content


def test_a_full_disk_while_rows_are_replaced(out, file_limit):
    content = fill(out, failure("1.mp3"), answer("2.mp3"))
    table = CsvTable(out, GENRES)
    table.add("/music/1.mp3", answer("1.mp3"))
    file_limit(100)
    with pytest.raises(TableError, match="cannot be written"):
        table.__exit__()
    file_limit(resource.RLIM_INFINITY)
    assert out.read_bytes().startswith(content)
    assert list(out.parent.iterdir()) == [out]
    fill(out)
    assert cells(out, "file") == ["1.mp3", "2.mp3"]


def test_rows_to_replace_in_a_folder_that_cannot_be_written(out, monkeypatch):
    fill(out, failure("1.mp3"), answer("2.mp3"))
    monkeypatch.setattr(os, "access", lambda *_: False)
    assert "out.csv has rows to replace, and its folder cannot be written" in refused(
        out, answer("1.mp3")
    )
    fill(out, answer("3.mp3"))
    assert cells(out, "file") == ["1.mp3", "2.mp3", "3.mp3"]


FORMULAS = [";=1+1;", "a;=1+1", "a; =1+1", 'a;"=1+1"', "a;\t-1", "@x;+1", "=1;=2", "x, y;=1"]
FORMULAS += ["a|=1+1", "a\t=1+1", " =1+1", "＝1+1", "a;＋1", "a|－1", "＠x"]


@pytest.mark.parametrize("text", FORMULAS)
@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_no_cell_is_a_formula_whatever_separates_cells(out, text, separator):
    genres = (text, "Rock")
    content = fill(out, answer(text, text, genres), failure(f"2{text}", text), genres=genres)
    table = io.StringIO(content.decode("utf-8-sig"))
    for row in csv.reader(table, delimiter=separator):
        for cell in row:
            assert not cell.lstrip(' "').startswith(tuple("=+-@＝＋－＠")), row
    assert fill(out, answer(text, text, genres), genres=genres) == content


def test_ordinary_titles_stay_as_they_are(out):
    titles = ["a=b", "10-4; over", "x;y", "Re: +1", "'Round Midnight", "1; 2; 3"]
    fill(out, *(answer(f"{n}.mp3", title) for n, title in enumerate(titles)))
    assert cells(out, "title") == titles


def test_a_path_can_be_read_back():
    name = b'/no/caf\xe9 \xe5\xa4\xa2\xe3\x80\x80%41;"\\x41\n\x1b\xe2\x80\xae.mp3'
    text = path_text(os.fsdecode(name))
    assert text == r"/no/caf\xe9 夢　%41\x3b\x22\x5cx41\x0a\x1b\xe2\x80\xae.mp3"
    back = subprocess.run(["bash", "-c", 'printf %b "$0"', text], capture_output=True, check=True)
    assert back.stdout == name


def test_a_pipe_is_a_table_that_is_new():
    read, write = os.pipe()
    with CsvTable(Path(f"/dev/fd/{write}"), GENRES) as table:
        assert table.unfinished(["/music/1.mp3"]) == ["/music/1.mp3"]
        table.add("/music/1.mp3", answer("1.mp3"))
    os.close(write)
    with open(read, "rb") as pipe:
        assert pipe.read().count(b"\r\n") == 2
