"""VGGish and CLAP run with small stand-ins for their weights, whose download is large."""

import hashlib

import numpy as np
import pytest

from songnet.spec import SPEC
from train.errors import DataError
from train.teachers.clap import Clap
from train.teachers.vggish import Vggish

_WHY = "it is not here: pip install -r train/requirements-teachers.txt"
pytestmark = pytest.mark.slow


def clip(seconds):
    t = np.arange(round(seconds * SPEC.sample_rate)) / SPEC.sample_rate
    return (0.3 * np.sin(2 * np.pi * 440 * t)).astype(np.float32)


def identities(folder):
    return {p.name: hashlib.sha256(p.read_bytes()).hexdigest() for p in folder.iterdir()}


@pytest.fixture
def vggish(tmp_path, monkeypatch):
    """VGGish with layers as published but for their width, and with random weights."""
    torch = pytest.importorskip("torch", reason=_WHY)
    torchvggish = pytest.importorskip("torchvggish", reason=_WHY)
    original, nn = torchvggish.VGG, torch.nn

    def narrow(layers, postprocess):
        network = original(layers, postprocess)
        network.embeddings = nn.Sequential(nn.Linear(512 * 4 * 6, 128), nn.ReLU())
        return network

    monkeypatch.setattr(torchvggish, "VGG", narrow)
    torch.manual_seed(0)
    monkeypatch.setattr(
        "train.teachers.vggish.platformdirs.user_cache_dir", lambda *_, **__: str(tmp_path)
    )
    (tmp_path / "teachers").mkdir()
    path = tmp_path / "teachers" / "vggish-10086976.pth"
    torch.save(narrow(torchvggish.make_layers(), False).state_dict(), path)
    monkeypatch.setattr(Vggish, "weights", identities(path.parent))
    return path


@pytest.mark.usefixtures("vggish")
def test_vggish_hears_patches_of_a_second():
    teacher = Vggish()
    assert teacher.embed(np.zeros(Vggish.patch_samples, np.float32)).shape == (1, 128)
    assert teacher.embed(np.zeros(10 * 16_000, np.float32)).shape == (10, 128)
    heard = teacher.embed_clip(clip(3))
    assert heard.any()
    np.testing.assert_array_equal(heard, Vggish().embed_clip(clip(3)))
    with pytest.raises(DataError, match=r"too short for vggish, which hears 0\.97 s"):
        teacher.embed_clip(clip(0.9))


def test_weights_of_vggish_that_are_damaged_or_cannot_be_fetched_are_one_sentence(
    vggish, monkeypatch
):
    vggish.write_bytes(vggish.read_bytes()[:-1])
    with pytest.raises(DataError, match=r"another file than the weights of vggish .*: delete it"):
        Vggish()
    vggish.unlink()
    monkeypatch.setattr("train.teachers.vggish._URL", vggish.with_name("none").as_uri())
    with pytest.raises(DataError, match=r"vggish cannot be fetched .*: curl -L -o .*\.pth file:"):
        Vggish()
    other = vggish.with_name("other")
    other.write_bytes(b"another release")
    monkeypatch.setattr("train.teachers.vggish._URL", other.as_uri())
    with pytest.raises(DataError, match=r"vggish cannot be fetched \(invalid hash value"):
        Vggish()
    assert not vggish.exists()


@pytest.fixture
def clap(tmp_path, monkeypatch):
    """CLAP with a small network of random weights, where the Hub's files would be."""
    transformers = pytest.importorskip("transformers", reason=_WHY)
    torch = pytest.importorskip("torch", reason=_WHY)
    sizes = {"hidden_size": 16, "patch_embeds_hidden_size": 2, "depths": [1, 1, 1, 1]}
    text = {"hidden_size": 8, "num_hidden_layers": 1, "num_attention_heads": 1, "vocab_size": 9}
    config = transformers.ClapConfig(
        audio_config={**sizes, "num_attention_heads": [1, 1, 2, 2]},
        text_config={**text, "intermediate_size": 8},
        projection_dim=512,
    )
    torch.manual_seed(0)
    network = transformers.ClapModel(config)
    config.save_pretrained(tmp_path)
    transformers.ClapFeatureExtractor(truncation="rand_trunc").save_pretrained(tmp_path)
    torch.save(network.state_dict(), tmp_path / "pytorch_model.bin")
    monkeypatch.setattr(Clap, "weights", identities(tmp_path))
    monkeypatch.setattr("huggingface_hub.snapshot_download", lambda *_, **__: str(tmp_path))
    return tmp_path


@pytest.mark.usefixtures("clap")
def test_clap_hears_patches_of_ten_seconds():
    teacher = Clap()
    waveform = np.random.default_rng(0).normal(0, 0.1, 30 * 48_000 - 1_000).astype(np.float32)
    assert teacher.embed(waveform[:480_000]).shape == (1, 512)
    found = teacher.embed(waveform)
    assert found.shape == (3, 512)
    assert np.abs(found[0] - found[1]).max() > 0
    np.testing.assert_array_equal(found, Clap().embed(waveform))
    with pytest.raises(DataError, match="too short for clap, which hears 10 s at once"):
        teacher.embed_clip(clip(9))


def test_other_weights_of_clap_are_one_sentence(clap):
    (clap / "pytorch_model.bin").write_bytes(b"others")
    with pytest.raises(DataError, match=r"weights of clap .*: hf download laion/clap-ht"):
        Clap()


@pytest.mark.usefixtures("clap")
def test_a_hub_that_cannot_be_reached_is_one_sentence(monkeypatch):
    def unreachable(*_, **__):
        raise OSError("no route\nto the host")

    monkeypatch.setattr("huggingface_hub.snapshot_download", unreachable)
    with pytest.raises(DataError, match=r"clap cannot be fetched \(no route\): where there is"):
        Clap()
