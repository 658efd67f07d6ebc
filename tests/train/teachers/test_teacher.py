"""From a clip to a teacher's one embedding, and what is told where that cannot be."""

import httpx2
import numpy as np
import pytest

from tests.support.teachers import Ear
from train.errors import DataError
from train.teachers.known import TEACHERS, fetch, loaded, named
from train.teachers.teacher import fetching, resampled


def test_a_clip_is_the_mean_of_its_patches(ear):
    clip = np.concatenate([np.full(44_100, 0.5), np.full(44_100, -0.25)]).astype(np.float32)
    heard = loaded("ear").embed_clip(clip)
    assert heard.dtype == np.float16
    patches = loaded("ear").embed(resampled(clip, ear.sample_rate))
    assert len(patches) == 4
    np.testing.assert_allclose(heard, patches.mean(axis=0), atol=1e-3)
    assert heard[1] == pytest.approx(2 * 0.125, abs=0.01)


def test_a_tone_stays_a_tone_at_another_rate_and_what_is_too_high_for_it_goes():
    t = np.arange(44_100) / 44_100
    low, high = (np.sin(2 * np.pi * hertz * t).astype(np.float32) for hertz in (1_000, 12_000))
    found = resampled(low + high, 16_000)
    assert found.shape == (16_000,)
    expected = np.sin(2 * np.pi * 1_000 * np.arange(16_000) / 16_000)
    np.testing.assert_allclose(found[500:-500], expected[500:-500], atol=0.01)


@pytest.mark.usefixtures("ear")
def test_a_clip_too_short_for_a_patch_is_one_sentence():
    with pytest.raises(DataError, match=r"too short for ear, which hears 0\.5 s at once: bring"):
        loaded("ear").embed_clip(np.zeros(20_000, np.float32))


def test_what_is_no_number_is_one_sentence(ear, monkeypatch):
    monkeypatch.setattr(ear, "embed", lambda *_: np.full((3, 2), np.nan))
    with pytest.raises(DataError, match="What ear says of it is no number"):
        loaded("ear").embed_clip(np.zeros(44_100, np.float32))


def test_other_weights_are_one_sentence(ear):
    (ear.folder / "factor.txt").write_text("3")
    with pytest.raises(DataError, match=r"is another file than the weights of ear .*: write it"):
        loaded("ear")
    (ear.folder / "factor.txt").unlink()
    with pytest.raises(DataError, match=r"The weights of ear cannot be read .*No such file"):
        loaded("ear")


@pytest.mark.parametrize("error", [OSError, RuntimeError, httpx2.ConnectError])
def test_a_download_that_fails_is_one_sentence(ear, monkeypatch, error):
    def place():
        with fetching(ear, "copy it by hand"):
            raise error("no route\nto the host")

    monkeypatch.setattr(ear, "place", place)
    expected = r"^The weights of ear cannot be fetched \(no route\): copy it by hand\.$"
    with pytest.raises(DataError, match=expected):
        loaded("ear")


def test_a_version_is_that_of_the_weights(monkeypatch):
    before = Ear.version()
    monkeypatch.setattr(Ear, "weights", {"factor.txt": "0" * 64})
    assert Ear.version() != before


def test_teachers_are_named_with_commas():
    assert named("musicnn, clap,musicnn") == ("clap", "musicnn")
    for wrong in ("mert", "musicnn,,clap", ""):
        with pytest.raises(DataError, match="--teacher takes clap, musicnn, vggish"):
            named(wrong)


@pytest.mark.parametrize("name", TEACHERS)
def test_what_is_not_installed_is_named_with_its_command(name, monkeypatch):
    monkeypatch.setattr("train.teachers.teacher.find_spec", lambda _: None)
    teacher = TEACHERS[name]
    with pytest.raises(DataError, match=f"--teacher {name} needs .*, not installed here: pip "):
        teacher.fetch()
    with pytest.raises(DataError, match="not installed here"):
        loaded(name)


def test_all_that_is_not_installed_is_named_before_weights_are_fetched(ear, monkeypatch):
    monkeypatch.setattr("train.teachers.teacher.find_spec", lambda name: name == "numpy" or None)
    monkeypatch.setattr(ear, "place", lambda: pytest.fail("something was fetched"))
    with pytest.raises(DataError) as found:
        fetch(["ear", "clap", "musicnn", "vggish"])
    assert str(found.value) == (
        "--teacher clap,musicnn,vggish needs torch, transformers, musicnn, tensorflow, "
        "torchvggish, soundfile, not installed here: pip install -r "
        "train/requirements-teachers.txt and pip install --no-deps musicnn==0.1.0."
    )


@pytest.mark.parametrize("name", TEACHERS)
def test_what_is_known_of_each_is_whole(name):
    teacher = TEACHERS[name]
    assert teacher.name == name
    assert ", which learned from " in teacher.title
    assert "arXiv" in teacher.citation
    assert teacher.license.partition(" ")[0] in ("Apache-2.0", "ISC")
    assert all(len(bytes.fromhex(sha256)) == 32 for sha256 in teacher.weights.values())
    assert 0.5 < teacher.patch_samples / teacher.sample_rate <= 10
