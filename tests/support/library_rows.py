"""Songs in a library as a scan stores them, without hearing any."""

from songnet.library.rows import stored_numbers, stored_path, stored_windows


def insert(library, path, windows, vector=None, **values):
    """Adds a song of the library's first genre, and gives its id; values replace the columns'."""
    count = len(library.genres)
    probabilities = [0.625, *[0.375 / (count - 1)] * (count - 1)]
    row = {
        "path": stored_path(path),
        "size": 7,
        "mtime_ns": 2**62,
        "mount": b"/",
        "genre": library.genres[0],
        "confidence": 0.625,
        "abstained": 0,
        "duration_s": windows[-1]["end_s"],
        "probabilities": stored_numbers(probabilities),
        "windows": stored_windows(windows, library.genres),
        **values,
    }
    names, marks = ", ".join(row), ", ".join("?" * len(row))
    statement = f"INSERT INTO songs ({names}) VALUES ({marks})"
    identity = library.connection.execute(statement, [*row.values()]).lastrowid
    if vector is not None:
        library.connection.execute(
            "INSERT INTO embeddings VALUES (?, ?)", [identity, stored_numbers(vector)]
        )
    return identity
