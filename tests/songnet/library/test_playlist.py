"""The order of a playlist, and its file."""

from pathlib import Path

from songnet.library import Library
from songnet.library.playlist import m3u8, surest_first
from tests.support.made_library import make_library


def songs_of(tmp_path, songs):
    with Library.open(make_library(tmp_path / "library.db", songs)) as library:
        return [*library.songs()]


def test_the_surest_come_first_and_artists_alternate(tmp_path):
    songs = [
        {"path": f"/music/{number}.mp3", "artist": artist, "title": title, "confidence": sure}
        for number, (artist, title, sure) in enumerate(
            [
                ("Ada", "A", 0.9),
                ("Ada", "B", 0.85),
                ("Ben", "C", 0.8),
                ("ada", "a", 0.7),
                ("Ada", "D", 0.6),
                (None, None, 0.5),
            ]
        )
    ]
    found = songs_of(tmp_path, songs)
    ordered = surest_first((song, song.confidence) for song in found)
    # The fourth is the first once more; the fifth waits for the one without an artist.
    assert [song.path.stem for song, _ in ordered] == ["0", "2", "1", "5", "4"]


def test_names_that_no_line_can_hold_are_addresses(tmp_path):
    folder = tmp_path / "Mu #1"
    names = [b"a.mp3", b"#b.mp3", b" c.mp3 ", b"d\n.mp3", b"\xe9.mp3"]
    paths = [folder / name.decode("utf-8", "surrogateescape") for name in names]
    found = songs_of(tmp_path, [{"path": path, "title": "T\nx"} for path in paths])
    content, addresses = m3u8(found, folder)
    lines = content.decode().splitlines()
    assert lines[0] == "#EXTM3U"
    assert set(lines[1::2]) == {"#EXTINF:200,T x"}
    address = f"file://{folder}".replace(" ", "%20").replace("#", "%23")
    assert set(lines[2::2]) == {
        *("./a.mp3", "./#b.mp3"),
        *(f"{address}/%20c.mp3%20", f"{address}/d%0A.mp3", f"{address}/%E9.mp3"),
    }
    assert addresses == 3


def test_absolute_paths_stay_as_they_are(tmp_path):
    (song,) = songs_of(tmp_path, [{"path": "/music/a b.mp3", "artist": "Ada", "title": "One"}])
    content, addresses = m3u8([song])
    assert content == b"#EXTM3U\n#EXTINF:200,Ada - One\n/music/a b.mp3\n"
    assert (addresses, song.path) == (0, Path("/music/a b.mp3"))
