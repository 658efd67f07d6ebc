"""A split's arrays are read, or one sentence says what is wrong with them."""

import io
import zipfile

import numpy as np
import pytest

from train.data import arrays
from train.data.splits import load_split
from train.errors import DataError


@pytest.fixture
def stored():
    """The arrays of a split of four clips."""
    return {
        "track_id": np.arange(4, dtype=np.int32),
        "genre": np.arange(4, dtype=np.int8),
        "artist_id": np.arange(4, dtype=np.int32),
        "log_mel": np.random.default_rng(0).integers(0, 255, (4, 128, 128)).astype(np.uint8),
    }


def refused(folder, match):
    with pytest.raises(DataError, match=match) as found:
        load_split(folder, "test")
    assert "\n" not in str(found.value)


@pytest.mark.parametrize("at", [0.0, 0.005, 0.3, 0.6, 0.97, 0.995])
@pytest.mark.parametrize("packed", [True, False])
def test_a_flipped_file(stored, tmp_path, at, packed):
    path = tmp_path / "test.npz"
    (np.savez_compressed if packed else np.savez)(path, **stored)
    data = bytearray(path.read_bytes())
    for i in range(int(at * len(data)), min(len(data), int(at * len(data)) + 60)):
        data[i] ^= 255
    path.write_bytes(data)
    refused(tmp_path, r"test\.npz (is not a readable|lacks the arrays)")


@pytest.mark.parametrize("kept", [0.0, 0.5, 0.99])
def test_a_truncated_file(stored, tmp_path, kept):
    path = tmp_path / "test.npz"
    np.savez_compressed(path, **stored)
    path.write_bytes(path.read_bytes()[: int(kept * path.stat().st_size)])
    refused(tmp_path, r"test\.npz is not a readable")


@pytest.mark.parametrize(
    ("name", "values", "why"),
    [
        ("genre", np.zeros(3, np.int8), r"genre in .* the first of 4.*Received: \(3,\)"),
        ("genre", np.zeros((4, 1), np.int8), "genre in .* must have 1 dimension"),
        ("genre", np.zeros(4), "genre in .* must hold numbers. Received: float64"),
        ("artist_id", np.array(["a"] * 4), "artist_id in .* must hold numbers"),
        ("track_id", np.array([None] * 4), "is not a readable|must hold numbers"),
        ("log_mel", np.full((4, 128, 128), np.nan, np.float32), "log_mel in .* are no numbers"),
        ("vggish", np.full((4, 128), np.inf, np.float16), "vggish in .* are no numbers"),
        ("teacher-ear", np.full((4, 9), np.nan), "teacher-ear in .* are no numbers"),
        ("teacher-ear", np.zeros(4), "teacher-ear in .* must have 2 dimension"),
    ],
)
def test_arrays_of_another_form(stored, tmp_path, name, values, why):
    np.savez(tmp_path / "test.npz", **{**stored, name: values})
    refused(tmp_path, why)


@pytest.mark.parametrize("on_disk", [False, True])
def test_each_teacher_has_an_array(stored, tmp_path, on_disk):
    """That of VGGish is called as it always was, or as the others are."""
    more = {"teacher-musicnn": np.ones((4, 200), np.float16), "vggish": np.zeros((4, 128))}
    if on_disk:
        (tmp_path / "test").mkdir()
        for name, values in {**stored, **more, "artist": np.array(["a"] * 4)}.items():
            np.save(tmp_path / "test" / f"{name}.npy", values)
    else:
        np.savez(tmp_path / "test.npz", **stored, **more, artist=np.array(["a"] * 4))
    teachers = load_split(tmp_path, "test").teachers
    assert {name: values.shape for name, values in teachers.items()} == {
        "musicnn": (4, 200),
        "vggish": (4, 128),
    }
    assert all(values.dtype == np.float32 for values in teachers.values())


def test_what_is_too_large_is_refused_before_it_is_read(stored, tmp_path, monkeypatch):
    stored["log_mel"] = np.zeros((4, 128, 4_000), np.uint8)
    np.savez_compressed(tmp_path / "test.npz", **stored)
    monkeypatch.setattr(arrays.np, "load", None)
    refused(tmp_path, r"must have the shape \(n, 128, 128\)")


def test_a_header_that_promises_more_than_there_is(stored, tmp_path):
    np.savez(tmp_path / "test.npz", **stored)
    header = io.BytesIO()
    form = {"descr": "|u1", "fortran_order": False, "shape": (10**12, 128, 128)}
    np.lib.format.write_array_header_1_0(header, form)
    with (
        zipfile.ZipFile(tmp_path / "test.npz") as old,
        zipfile.ZipFile(tmp_path / "new.npz", "w") as new,
    ):
        for name in old.namelist():
            new.writestr(name, header.getvalue() if name == "log_mel.npy" else old.read(name))
    (tmp_path / "new.npz").replace(tmp_path / "test.npz")
    refused(tmp_path, "log_mel has not as many values as it says")


@pytest.mark.parametrize("packed", [True, False])
def test_names_of_artists_are_one_a_clip(stored, tmp_path, packed):
    def write(**names):
        if packed:
            np.savez(tmp_path / "test.npz", **stored, **names)
        else:
            (tmp_path / "test").mkdir(exist_ok=True)
            for name, values in (stored | names).items():
                np.save(tmp_path / "test" / f"{name}.npy", values)

    assert arrays.artists(tmp_path, "test") == {}
    write()
    assert arrays.artists(tmp_path, "test") == {}
    write(artist=np.array(["Ana", "Bo", "Cy", ""]))
    assert arrays.artists(tmp_path, "test") == {0: "Ana", 1: "Bo", 2: "Cy", 3: ""}
    write(artist=np.array(["Ana", "Bo"]))
    with pytest.raises(DataError, match=r"artist in .*test.* has not one value a clip"):
        arrays.artists(tmp_path, "test")
