"""The difference of two files: applied, it gives the old one back."""

import io
import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from songnet.errors import UnwritableError
from songnet.tagging import delta


def sizes(parts):
    return sum(len(part) for part in parts if isinstance(part, bytes))


@given(old=st.binary(max_size=400), new=st.binary(max_size=400), both=st.binary(max_size=200))
def test_any_two_files(old, new, both):
    # What they have in common is in other places.
    old, new = io.BytesIO(both + old + both), io.BytesIO(new + both)
    parts = delta.from_json(delta.to_json(delta.difference(old, new)))
    assert b"".join(delta.applied(parts, new)) == old.getvalue()


def test_it_is_small():
    """A tag that grew, and numbers that changed in every page after it."""
    old = bytearray(os.urandom(500_000))
    new = bytearray(old)
    for page in range(10_000, len(new), 4_200):
        new[page : page + 8] = os.urandom(8)
    new[5_000:5_010] = os.urandom(700)
    parts = delta.difference(io.BytesIO(old), io.BytesIO(new))
    assert b"".join(delta.applied(parts, io.BytesIO(new))) == old
    assert sizes(parts) <= 10 + 117 * 8


def test_one_that_is_too_large(monkeypatch):
    monkeypatch.setattr(delta, "LARGEST", 1_000)
    with pytest.raises(UnwritableError, match="too much"):
        delta.difference(io.BytesIO(os.urandom(3_000)), io.BytesIO(os.urandom(3_000)))
