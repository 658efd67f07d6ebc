"""musicnn's rebuilt layers, held against the graph as it was published."""

import subprocess
import sys

import librosa
import numpy as np
import pytest

from tests.support.teachers import musicnn_or_skip
from train.errors import DataError
from train.teachers.known import loaded
from train.teachers.musicnn import TAGS, Musicnn, _tflite, patches

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def songs():
    """Chords that change, with noise that grows: 10 s at 16 kHz."""
    rng, t = np.random.default_rng(0), np.arange(16_000) / 16_000
    seconds = [
        sum(np.sin(2 * np.pi * root * ratio * t) for ratio in (1, 1.25, 1.5, 4)) / 8
        + second / 20 * rng.normal(0, 0.3, len(t))
        for second, root in enumerate(rng.uniform(80, 800, 10))
    ]
    return np.concatenate(seconds).astype(np.float32)


# In a process of its own, since PyTorch crashes beside TensorFlow.
_PUBLISHED = """
import sys
import numpy as np
import tensorflow as tf

folder, patches, output = sys.argv[1:]
with open(folder + "/.meta", "rb") as file:
    graph = tf.compat.v1.MetaGraphDef.FromString(file.read())
for node in graph.graph_def.node:
    node.attr.pop("_output_shapes", None)  # older than those that TensorFlow knows
with tf.Graph().as_default(), tf.compat.v1.Session() as session:
    tf.compat.v1.train.import_meta_graph(graph).restore(session, folder + "/")
    given = {"model/Placeholder:0": np.load(patches), "model/Placeholder_2:0": False}
    said = session.run(["model/dense/BiasAdd:0", "model/Sigmoid:0"], given)
np.savez(output, embeddings=said[0], tags=said[1])
"""


@pytest.fixture(scope="module")
def published(songs, tmp_path_factory):
    """What the published graph says of the songs' patches."""
    musicnn_or_skip()
    folder = tmp_path_factory.mktemp("published")
    np.save(folder / "patches.npy", patches(songs))
    given = [Musicnn.fetch(), folder / "patches.npy", folder / "said.npz"]
    done = subprocess.run(
        [sys.executable, "-c", _PUBLISHED, *map(str, given)], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return np.load(folder / "said.npz")


def test_tags_and_embedding_are_those_of_the_published_graph(published, songs):
    embeddings, tags = published["embeddings"], published["tags"]
    found, found_tags = loaded("musicnn").hear(songs)
    assert tags.shape == (3, len(TAGS)) == (3, 50)
    np.testing.assert_allclose(found_tags, tags, atol=1e-5)
    np.testing.assert_allclose(found, embeddings, atol=1e-3)
    assert np.ptp(tags, axis=1).min() > 0.1  # they tell something apart
    assert np.abs(embeddings[0] - embeddings[2]).max() > 1.0


def test_patches_are_those_that_it_learned_from(songs):
    power = librosa.feature.melspectrogram(
        y=songs, sr=16_000, n_fft=512, hop_length=256, n_mels=96, pad_mode="reflect"
    )
    expected = np.log10(1 + 10_000 * power.T[: 3 * 187]).reshape(3, 187, 96)
    np.testing.assert_allclose(patches(songs), expected, atol=1e-3)
    assert len(patches(songs[: Musicnn.patch_samples])) == 1
    assert len(patches(songs[: Musicnn.patch_samples - 1])) == 0


def test_weights_of_another_release_are_one_sentence(tmp_path, monkeypatch):
    """A package called musicnn that comes first, with other files."""
    folder = tmp_path / "musicnn" / "MSD_musicnn"
    folder.mkdir(parents=True)
    (folder.parent / "__init__.py").write_text("raise RuntimeError('it is not to be imported')")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(DataError, match=r"cannot be read .*: pip install --no-deps musicnn==0\.1"):
        Musicnn.fetch()
    (folder / ".data-00000-of-00001").write_bytes(b"others")
    with pytest.raises(DataError, match="is another file than the weights of musicnn"):
        Musicnn.fetch()


def test_a_checkpoint_that_tensorflow_cannot_read_is_one_sentence(tmp_path):
    with pytest.raises(DataError, match="TensorFlow cannot read the weights of musicnn") as found:
        _tflite(tmp_path)
    assert "\n" not in str(found.value)
