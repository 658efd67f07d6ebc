"""The CSV file to which a run adds a row for each file, and with which the next run goes on."""

from collections.abc import Iterable
from pathlib import Path

from songnet.prediction import AnswerJson
from songnet.table.cells import csv_line, csv_row, header_row, table_columns
from songnet.table.earlier import BYTE_ORDER_MARK, columns_of, read_rows, standing
from songnet.table.locked_file import LockedFile


class CsvTable:
    """A CSV file to which rows are added as files are done.

    Its columns are those of `table_columns` and ``path``, the file's `path_text`, by which a row
    and its file find each other. The rows of a table that is there stay as they are, but for an
    incomplete last one, which an interrupted run leaves, and those that this run replaces: failed
    ones, and answers with a warning, whose file may be whole by now. A table of an older version
    goes on with the columns that it has. No other run can open the table meanwhile.

    Parameters
    ----------
    path : path of the CSV file
    genres : tuple of str

    Raises
    ------
    TableError
        If the file cannot be written, is not a table of these columns, has a line that is no row,
        or is open in another run.
    """

    def __init__(self, path: str | Path, genres: tuple[str, ...]):
        self._columns = [*table_columns(genres), "path"]
        self._file = LockedFile(path)
        try:
            self._begin()
        except BaseException:
            self._file.close()
            raise

    def __enter__(self) -> "CsvTable":
        return self

    def __exit__(self, *_: object) -> None:
        # Until here a file that failed and then got an answer has two rows: a run that is killed
        # loses neither.
        try:
            if self._must_replace:
                rows = read_rows(self._file.read(), self._columns, self._file.name)
                self._file.replace(b"".join(row.content for row in standing(rows, self._stale)))
        finally:
            self._file.close()

    def unfinished(self, paths: Iterable[str]) -> list[str]:
        """The files of a run to hear: new ones, those that failed, and those with a warning.

        A folder that had no songs loses its failed row if a file below it is among them.

        Parameters
        ----------
        paths : iterable of str
            `path_text` of each file.

        Returns
        -------
        list of str

        Raises
        ------
        TableError
            If rows are to be replaced, and the table's folder cannot be written.
        """
        paths = list(paths)
        folders = {str(folder) for path in paths for folder in Path(path).parents}
        self._stale = folders & self._failed.keys()
        self._must_replace |= bool(self._stale)
        replaceable = self._failed.keys() | self._warned.keys()
        if self._must_replace or not replaceable.isdisjoint(paths):
            self._file.check_replaceable()
        return [path for path in paths if path not in self._answered]

    def add(self, path: str, answer: AnswerJson) -> None:
        """Writes a row at once, so that an interrupted run loses no finished file.

        An answer that is there stays where the file fails now.

        Parameters
        ----------
        path : str
            The file's `path_text`.
        answer : AnswerJson

        Raises
        ------
        TableError
            If the row cannot be written: on a full disk, for example.
        """
        row = csv_row(answer)
        cells = csv_line(row.get(column) for column in self._columns[:-1])
        content = f'{cells},"{path}"'.encode() + self._line_end
        has_failed = "error" in answer
        earlier = self._failed.get(path) or self._warned.get(path)
        if earlier == content or (has_failed and path in self._warned):
            return
        self._file.append(content)
        self._must_replace |= earlier is not None
        if has_failed:
            self._failed[path] = content

    def _begin(self) -> None:
        """Reads the rows that are there, and makes the file ready for the next one."""
        content = self._file.read()
        self._columns = columns_of(content, self._columns)
        rows = read_rows(content, self._columns, self._file.name)
        self._file.truncate(sum(len(row.content) for row in rows))
        if rows:
            header = rows[0].content
            self._line_end = header[len(header.rstrip(b"\r\n")) :]
            last = rows[-1].content
            if not last.endswith(b"\n"):
                # The run before may have been interrupted within the line end.
                is_half = last.endswith(b"\r")
                self._file.append(self._line_end.removeprefix(b"\r" if is_half else b""))
        else:
            # Excel takes a file without the mark for one in the system's old encoding.
            self._line_end = b"\r\n"
            header = csv_line(header_row(self._columns).values())
            self._file.append(BYTE_ORDER_MARK + header.encode() + self._line_end)
        kept = standing(rows)
        self._must_replace = len(kept) < len(rows)
        named = [row for row in kept if row.path]
        self._failed = {row.path: row.content for row in named if row.failed}
        self._warned = {row.path: row.content for row in named if row.warned}
        self._answered = {row.path for row in named if not row.failed and not row.warned}
        self._stale: set[str] = set()
