"""A classifier that answers in own genres: every part of the answer is in them."""

import dataclasses

import numpy as np
import pytest

from songnet import Classifier, OwnGenres, TaughtSong
from songnet.batch import Job, classify_jobs, hear_jobs
from songnet.errors import OwnGenresError
from songnet.spec import SPEC
from songnet.weights import load_weights
from songnet.weights.release import NETWORK_FILE
from tests.support import songs
from tests.support.taught import song_of

WEIGHTS = load_weights()


@pytest.fixture(scope="module")
def own():
    """Noise and Tones."""
    network = Classifier(WEIGHTS)
    return OwnGenres.learn(
        (
            TaughtSong.of(genre, network.classify(song_of(genre, seed)[:, 0]))
            for genre in ("Noise", "Tones")
            for seed in range(4)
        ),
        WEIGHTS,
    )


@pytest.fixture(scope="module")
def classifier(own):
    return Classifier(WEIGHTS, own)


def test_every_part_of_an_answer_is_in_these_genres(classifier, own):
    for genre in own.names:
        prediction = classifier.classify(song_of(genre, 7)[:, 0])
        answer = prediction.to_json()
        assert answer["genre"] == genre
        assert list(answer["probabilities"]) == ["Noise", "Tones"]
        assert sum(answer["probabilities"].values()) == pytest.approx(1, abs=1e-5)
        assert list(answer["windows"][0]["probabilities"]) == ["Noise", "Tones"]
        assert answer["model"]["own_genres"] == own.digest
        assert prediction.ranking[0] == (genre, prediction.confidence)
    assert classifier.genres == own.names


def test_the_song_is_judged_by_its_embedding_and_each_window_by_its_own(classifier, own):
    rate = SPEC.sample_rate
    halves = [np.resize(song_of(genre, 7)[:, 0], 30 * rate) for genre in ("Noise", "Tones")]
    prediction = classifier.classify(np.concatenate(halves))
    first, last = prediction.windows[0], prediction.windows[-1]
    assert first.probabilities["Noise"] > 0.9
    assert last.probabilities["Tones"] > 0.9
    assert prediction.embedding is not None
    expected = own.judge(prediction.embedding).probabilities
    np.testing.assert_allclose(list(prediction.probabilities.values()), expected, atol=1e-6)


def test_a_song_of_another_kind_is_none_of_these(classifier):
    seconds = np.arange(5 * SPEC.sample_rate) / SPEC.sample_rate
    answer = classifier.classify((0.3 * np.sin(2 * np.pi * 60 * seconds)).astype(np.float32))
    assert answer.none_of_these
    assert answer.abstained
    assert answer.to_json()["none_of_these"] is True


def test_silence_is_not_sure_and_no_stranger(classifier):
    answer = classifier.classify(np.zeros(2 * SPEC.sample_rate, np.float32))
    assert answer.abstained
    assert answer.none_of_these is False
    assert answer.embedding is None


def test_without_own_genres_nothing_is_added():
    answer = Classifier(WEIGHTS).classify(song_of("Tones", 0)[:, 0]).to_json()
    assert "none_of_these" not in answer
    assert list(answer["model"]) == ["version", "sha256", "license"]


def test_a_classifier_gets_other_genres_and_the_first_keeps_its_own(own, classifier):
    network = Classifier(WEIGHTS)
    waveform = song_of("Tones", 7)[:, 0]
    before = network.classify(waveform)
    taught = network.with_genres(own)
    assert taught.classify(waveform) == classifier.classify(waveform)
    assert network.classify(waveform) == before
    assert taught.with_genres(None).classify(waveform) == before


def test_other_weights_are_refused(own):
    files = dict(WEIGHTS.config.files)
    files[NETWORK_FILE] = dataclasses.replace(files[NETWORK_FILE], sha256="0" * 64)
    config = dataclasses.replace(WEIGHTS.config, files=files)
    other = dataclasses.replace(WEIGHTS, config=config)
    with pytest.raises(OwnGenresError, match=r"taught with other weights .* in use 000000000000"):
        Classifier(other, own)
    with pytest.raises(OwnGenresError, match="taught with other weights"):
        own.with_songs([], other)


def test_embeddings_of_another_length_are_refused(own):
    short = OwnGenres.learn(
        (dataclasses.replace(song, embedding=song.embedding[:50]) for song in own.songs), WEIGHTS
    )
    with pytest.raises(OwnGenresError, match="taught by 50 numbers a song, and the network gives"):
        Classifier(WEIGHTS, short)


def test_the_processes_of_a_batch_answer_alike(classifier, own, tmp_path):
    path = songs.write(tmp_path / "song.wav", song_of("Tones", 9))
    expected = classifier.classify(path)
    (answer,) = classify_jobs([Job(path, "song.wav")], WEIGHTS, own_genres=own)
    assert answer == expected.to_json()
    ((heard, embedding),) = hear_jobs([Job(path, "song.wav")], WEIGHTS, own_genres=own)
    assert heard == answer
    np.testing.assert_array_equal(embedding, expected.embedding)
