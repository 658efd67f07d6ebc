"""The three songs that the page offers."""

import io
from importlib import resources

import pytest
from PIL import Image

from songnet import Classifier, audio
from songnet.audio.cover import read_cover
from songnet.audio.tags import read_tags
from songnet.examples import EXAMPLES, write_examples

LICENCES = (resources.files("songnet.examples") / "LICENSES").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def classifier():
    return Classifier.load()


def test_files_that_are_there_are_kept(tmp_path):
    paths = write_examples(tmp_path)
    paths[0].write_bytes(b"mine")
    assert write_examples(tmp_path) == paths
    assert paths[0].read_bytes() == b"mine"
    assert sorted(tmp_path.iterdir()) == sorted(paths)


def test_all_together_are_small(tmp_path):
    assert sum(path.stat().st_size for path in write_examples(tmp_path)) < 1_500_000


@pytest.mark.parametrize(("i", "seconds"), [(0, 30), (1, 30), (2, 60)])
def test_each_has_tags_a_cover_and_a_licence(tmp_path, i, seconds):
    example, path = EXAMPLES[i], write_examples(tmp_path)[i]
    assert len(audio.read(path)) / 44_100 == pytest.approx(seconds, abs=0.01)
    tags = read_tags(path)
    assert (tags.title, tags.artist) == (example.title, example.artist)
    assert read_cover(path)
    with Image.open(io.BytesIO(example.cover())) as cover:
        assert cover.width == cover.height
    assert f"{example.name}.mp3" in LICENCES
    assert f'"{example.title}" by {example.artist}' in LICENCES
    assert example.source.rpartition("/")[2] in LICENCES


@pytest.mark.parametrize(("i", "genre"), [(0, "Rock"), (1, "Electronic")])
def test_two_are_answered_with_confidence(classifier, tmp_path, i, genre):
    prediction = classifier.classify(write_examples(tmp_path)[i])
    assert (prediction.genre, prediction.abstained) == (genre, False)
    assert prediction.confidence > 0.7


def test_the_third_changes_its_genre(classifier, tmp_path):
    prediction = classifier.classify(write_examples(tmp_path)[2])
    best = [max(w.probabilities, key=w.probabilities.get) for w in prediction.windows]
    assert best == ["Folk", "Rock"]
