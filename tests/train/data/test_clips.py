"""Clips in archives: what is damaged, and what would be larger than it may be."""

import zipfile

import pytest

from train.data import clips
from train.data.clips import Clips
from train.data.extract import feature
from train.errors import DataError


@pytest.fixture
def archive(tmp_path):
    with zipfile.ZipFile(tmp_path / "fma_small.zip", "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("fma_small/000/1.mp3", b"\0" * 2_000_000)
        packed.writestr("fma_small/000/2.mp3", bytes(range(256)) * 40)
        packed.writestr("fma_small/checksums", "no two words\x00\nalone\n")
    return tmp_path


def test_a_member_that_would_be_too_large_is_not_unpacked(archive, monkeypatch):
    monkeypatch.setattr(clips.shutil, "copyfileobj", None)
    found = Clips.find(archive, "fma_small")
    with (
        pytest.raises(DataError, match="would unpack to 2 MB, and no more than 1 MB"),
        found.file("000/1.mp3", largest=1_000_000),
    ):
        pass


def test_a_damaged_member_is_left_out_with_a_reason(archive):
    path = archive / "fma_small.zip"
    data = bytearray(path.read_bytes())
    at = data.index(b"000/2.mp3") + 20
    data[at : at + 100] = b"\xff" * 100
    path.write_bytes(data)
    left_out = feature(Clips.find(archive, "fma_small"), "000/2.mp3", "1", None)
    assert left_out.levels is None
    assert "000/2.mp3 in " in left_out.reason
    assert "is damaged" in left_out.reason


def test_checksums_that_are_none_are_one_sentence(archive):
    with pytest.raises(DataError, match="is no list of SHA-1 and names"):
        Clips.find(archive, "fma_small").checksums()
