"""Which tracks sound like a song."""

import io
import json
from dataclasses import replace

import numpy as np
import pytest

from songnet import GENRES
from songnet.audio.tags import Tags
from songnet.errors import WeightsError
from songnet.known_tracks import Track
from songnet.prediction import Prediction
from songnet.similar import TrackIndex
from songnet.weights import EMBEDDED, Weights
from songnet.weights.release import INDEX, FileIdentity, ReleaseConfig
from tests.support.sentences import assert_one_sentence

_WEIGHTS = "f" * 64


def a_song(embedding, file="tune.wav", **tags):
    probabilities = dict.fromkeys(GENRES, 1 / 8)
    prediction = Prediction("Pop", 0.125, True, 30.0, probabilities, [], {}, file, Tags(**tags))
    return replace(prediction, embedding=embedding)


@pytest.fixture(scope="module")
def index():
    """60 tracks by 20 artists, three each."""
    rng = np.random.default_rng(0)
    embeddings = np.abs(rng.normal(size=(60, 96))).astype(np.float32)
    embeddings /= np.linalg.norm(embeddings, axis=1, keepdims=True)
    tracks = [Track(100 + i, f"Ärtist {i % 20}", f"Song & <{i}>", GENRES[i % 8]) for i in range(60)]
    return TrackIndex(tracks, embeddings, _WEIGHTS)


def test_the_nearest_come_first_and_no_artist_twice(index):
    embedding = index.embeddings[7:9].mean(axis=0)
    embedding /= np.linalg.norm(embedding)
    found = index.nearest(a_song(embedding))
    assert len(found) == 5
    assert {f.track.track_id for f in found[:2]} == {107, 108}
    assert len({f.track.artist for f in found}) == 5
    similarities = [f.similarity for f in found]
    assert similarities == sorted(similarities, reverse=True)
    for f in found:
        row = f.track.track_id - 100
        assert f.similarity == pytest.approx(float(index.embeddings[row] @ embedding))


@pytest.mark.parametrize(
    ("distance", "known"),
    [
        (0.0, {}),
        (0.02, {"file": "000107.mp3"}),
        (0.02, {"title": "000107"}),
        (0.02, {"artist": "ÄRTIST 7", "title": "song & <7>"}),
    ],
)
def test_a_song_is_not_like_itself(index, distance, known):
    embedding = index.embeddings[7] + distance * index.embeddings[20]
    embedding /= np.linalg.norm(embedding)
    assert 107 not in {f.track.track_id for f in index.nearest(a_song(embedding, **known))}


def test_names_that_insult_are_shown_to_nobody_unasked(index):
    rude = [replace(t, offends=t.track_id == 107) for t in index.tracks]
    back = TrackIndex.from_bytes(TrackIndex(rude, index.embeddings, _WEIGHTS).to_bytes())
    near = index.embeddings[7] + 0.5 * index.embeddings[20]
    near /= np.linalg.norm(near)
    assert index.nearest(a_song(near))[0].track.track_id == 107
    assert 107 not in {f.track.track_id for f in back.nearest(a_song(near))}
    assert [f.track.track_id for f in back.search(near, 1)] == [107]
    assert "offends" not in index.nearest(a_song(near))[0].to_json()


def test_nothing_sounds_like_silence(index):
    assert index.nearest(a_song(None)) == []
    assert index.recognise(a_song(None, "000107.mp3")) is None


def test_a_number_is_believed_where_the_sound_agrees(index):
    assert index.recognise(a_song(index.embeddings[7], "000107.mp3")) == index.tracks[7]
    assert index.recognise(a_song(index.embeddings[7], "107.mp3")) is None
    assert index.recognise(a_song(index.embeddings[8], "000107.mp3")) is None
    assert index.recognise(a_song(index.embeddings[7], "999999.mp3")) is None


def test_it_is_written_small_and_read_back(index):
    content = index.to_bytes()
    assert content == index.to_bytes()
    back = TrackIndex.from_bytes(content)
    assert back.tracks == index.tracks
    assert back.weights_sha256 == _WEIGHTS
    np.testing.assert_allclose(back.embeddings, index.embeddings, atol=2e-3)


@pytest.mark.parametrize("content", [b"", b"PK", b"no index", "cut"])
def test_what_is_no_index_is_refused_in_a_sentence(index, content):
    content = index.to_bytes()[:2000] if content == "cut" else content
    with pytest.raises(WeightsError, match="index of tracks is not SongNet's"):
        TrackIndex.from_bytes(content)


def test_an_index_that_is_whole_and_no_index_is_refused_in_a_sentence(index):
    with np.load(io.BytesIO(index.to_bytes())) as stored:
        arrays = dict(stored)
    harmed = {
        "low": np.full_like(arrays["low"], np.nan),
        "levels": arrays["levels"][:, :3],
        "track_id": np.array(7),
        "step": np.array(["a", "b"]),
    }
    for name, array in harmed.items():
        file = io.BytesIO()
        np.savez(file, **arrays | {name: array})
        with pytest.raises(WeightsError, match="index of tracks is not SongNet's") as raised:
            TrackIndex.from_bytes(file.getvalue())
        assert_one_sentence(raised.value)
    content = bytearray(index.to_bytes())
    content[60:200] = bytes(140)  # what is compressed there does not unpack
    with pytest.raises(WeightsError, match="index of tracks is not SongNet's"):
        TrackIndex.from_bytes(bytes(content))


def test_an_index_of_other_weights_is_refused(index):
    files = {"songnet.keras": FileIdentity(_WEIGHTS)}
    config = ReleaseConfig("0", ("Rock", "Pop"), 0.5, files)
    weights = Weights(b"", config, "a folder", index.to_bytes())
    assert TrackIndex.from_weights(weights).tracks == index.tracks
    assert TrackIndex.from_weights(replace(weights, index=None)) is None
    files["songnet.keras"] = FileIdentity("0" * 64)
    with pytest.raises(WeightsError, match="made with other weights"):
        TrackIndex.from_weights(weights)


def test_a_neighbour_as_json_has_a_link(index):
    answer = index.nearest(a_song(index.embeddings[0]))[0].to_json()
    assert list(answer) == [
        "track_id",
        "artist",
        "title",
        "genre",
        "similarity",
        "url",
        "closeness",
    ]
    assert answer["url"].startswith("https://freemusicarchive.org/search?quicksearch=%C3%84rtist+")
    assert "<" not in answer["url"]


def test_the_index_that_comes_with_the_project_is_small():
    named = json.loads((EMBEDDED / "config.json").read_text())["files"].get(INDEX)
    if named is None:
        pytest.skip("these weights have no index: python -m train index makes it")
    assert named["bytes"] == (EMBEDDED / INDEX).stat().st_size < 500_000


def test_a_page_of_its_own_goes_before_a_search_and_only_web_pages_are_links(index):
    pages = ["https://example.org/a?b=<c>", "", "javascript:alert(1)"]
    tracks = [replace(t, page=p) for t, p in zip(index.tracks[:3], pages, strict=True)]
    some = TrackIndex(tracks, index.embeddings[:3], _WEIGHTS)
    back = TrackIndex.from_bytes(some.to_bytes())
    assert back.tracks == tracks
    assert [track.url for track in back.tracks] == [pages[0], "", ""]
