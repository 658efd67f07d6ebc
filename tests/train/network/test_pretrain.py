"""Pretraining: what it learns, that it goes on where it was stopped, what it refuses."""

import dataclasses
import json
import shutil
from functools import partial

import keras
import numpy as np
import pytest

from songnet.model import ModelConfig, build_songnet
from train.__main__ import main
from train.data.data_set import FMA_SMALL, TaughtBy
from train.data.splits import load_split
from train.data.unlabelled import without_labels
from train.errors import DataError
from train.network import fit as fitting
from train.network.batches import Batches
from train.network.fit import fit
from train.network.pretrain import Pretrained, pretrain
from train.network.recipe import Recipe

pytestmark = pytest.mark.slow

SMALL = ModelConfig(filters=(16, 16, 16), gru_units=8, attention_units=4)
QUICK = Recipe(epochs=2, pretraining_epochs=4, batch_size=8, least_steps=1, learning_rate=2e-2)


@pytest.fixture(scope="module")
def splits(data_set):
    return load_split(data_set, "training"), load_split(data_set, "validation")


@pytest.fixture(scope="module")
def clips(splits):
    """The training clips without labels, heard by two teachers."""
    known = without_labels(splits[0])
    ear = known.teachers["vggish"][:, :3] + 1
    return dataclasses.replace(known, teachers=known.teachers | {"ear": ear})


@pytest.fixture(scope="module")
def pretrained(clips, tmp_path_factory):
    folder = tmp_path_factory.mktemp("pretrained")
    return pretrain(clips, folder, recipe=QUICK, config=SMALL, seed=3)


def test_it_learns_what_the_teachers_say_and_keeps_all_but_their_heads(pretrained, clips):
    assert len(pretrained.losses) == 4
    assert pretrained.losses[-1] < pretrained.losses[0]
    assert pretrained.steps == 4 * (len(clips) // 8)
    first, second = (build_songnet(SMALL, n_genres) for n_genres in (5, 8))
    for network in (first, second):
        pretrained.give(network)
    given, other = (keras.Model(n.input, n.get_layer("hidden").output) for n in (first, second))
    log_mel = np.asarray(clips.log_mel[:9])
    np.testing.assert_array_equal(
        given.predict(log_mel, verbose=0), other.predict(log_mel, verbose=0)
    )


def test_stopped_and_resumed_it_learns_the_same(pretrained, clips, tmp_path, monkeypatch):
    class PowerCutError(Exception):
        pass

    def cut_in_third_epoch(self, epoch, index, serve=Batches.batch):
        if (epoch, index) == (2, 20):
            raise PowerCutError
        return serve(self, epoch, index)

    again = partial(pretrain, clips, tmp_path, recipe=QUICK, config=SMALL, seed=3)
    monkeypatch.setattr(Batches, "batch", cut_in_third_epoch)
    with pytest.raises(PowerCutError):
        again()
    monkeypatch.undo()
    assert again(resume=True).losses == pretrained.losses
    assert again(resume=True) == Pretrained(
        tmp_path / "pretrained.weights.h5", pretrained.losses, pretrained.steps
    )


def test_genres_are_learned_from_there(pretrained, splits, tmp_path):
    """A network that knows the clips is better after the same few steps."""
    scratch, taught = (
        fit(*splits, tmp_path / name, recipe=QUICK, config=SMALL, seed=3, pretrained=start)
        for name, start in (("scratch", None), ("pretrained", pretrained))
    )
    assert taught[0]["loss"] < scratch[0]["loss"]
    network = keras.saving.load_model(tmp_path / "pretrained" / "songnet.keras")
    assert set(network.output) == {"probabilities", "attention", "embedding"}


@pytest.fixture
def unlabelled(data_set, tmp_path):
    """A folder of clips by artists of whom one half is held out."""
    folder = tmp_path / "unlabelled"
    folder.mkdir()
    with np.load(data_set / "training.npz") as stored:
        arrays = {name: stored[name][:64] for name in ("track_id", "log_mel")}
        arrays |= {"artist": np.repeat(["Ada", "Bo"], 32), "teacher-vggish": stored["vggish"][:64]}
    np.savez(folder / "unlabelled.npz", **arrays)
    known = dataclasses.replace(FMA_SMALL, genres=(), training_data="Mine", license="CC0-1.0")
    known.write(folder / "data_set.json")
    return folder


def test_the_step_says_what_was_learned_first(data_set, unlabelled, tmp_path, monkeypatch, capsys):
    for name in ("fit", "pretrain"):
        monkeypatch.setattr(fitting, name, partial(getattr(fitting, name), config=SMALL))
    monkeypatch.setattr(fitting, "held_out_artists", lambda *_: {"Bo"})
    run = tmp_path / "run"
    command = ["fit", "--data", str(data_set), "--output", str(run), "--epochs", "1", "--json"]
    begin = [*command, "--pretrain", str(unlabelled)]
    assert main(begin) == 0
    first = "32 clips of Mine (CC0-1.0)"
    assert json.loads(capsys.readouterr().out)["pretrained_on"] == first
    config = json.loads((run / "config.json").read_text())
    assert config["training_data"].endswith(f"; before that, without labels, {first}")
    assert config["license"] == "other"
    assert json.loads((run / "pretraining" / "pretraining.json").read_text())["of"]["clips"] == 32
    assert main([*command, "--resume"]) == 1
    assert f"began with {first} without labels, and this one would with no" in (
        capsys.readouterr().err
    )
    history = (run / "history.json").read_text()
    config["training_data"] = config["training_data"].partition("; before")[0]
    (run / "config.json").write_text(json.dumps(config))
    monkeypatch.setattr(fitting, "pretrain", None)  # refused before that
    assert main([*begin, "--resume"]) == 1
    assert f"began with no clips without labels, and this one would with {first}" in (
        capsys.readouterr().err
    )
    assert (run / "history.json").read_text() == history
    assert json.loads((run / "config.json").read_text()) == config
    (unlabelled / "unlabelled.npz").unlink()
    assert main(begin) == 1
    assert "holds no clips without genres" in capsys.readouterr().err.splitlines()[-1]


def test_what_cannot_be_learned_from_is_one_sentence(clips, pretrained, tmp_path):
    none = dataclasses.replace(clips, log_mel=clips.log_mel[:0])
    with pytest.raises(DataError, match="No clips without labels are left"):
        pretrain(none, tmp_path, recipe=QUICK, config=SMALL)
    teachers = clips.teachers | {"ear": np.full((len(clips), 3), np.nan)}
    broken = dataclasses.replace(clips, teachers=teachers)
    with pytest.raises(DataError, match=r"epoch 1 of pretraining is no number"):
        pretrain(broken, tmp_path, recipe=QUICK, config=SMALL)
    with pytest.raises(DataError, match=r"cannot be used .*: delete its folder"):
        pretrained.give(build_songnet(dataclasses.replace(SMALL, gru_units=4)))


def test_a_teacher_of_another_version_is_one_sentence(clips, tmp_path):
    other = TaughtBy("musicnn", "ISC", "", version="an older one")
    described = dataclasses.replace(clips.data_set, teachers=(other,))
    older = dataclasses.replace(clips, data_set=described)
    with pytest.raises(DataError, match=r"another version of musicnn \(an older one, and this is"):
        pretrain(older, tmp_path, recipe=QUICK, config=SMALL)
    assert not list(tmp_path.iterdir())


def test_only_the_same_clips_are_gone_on_with(clips, pretrained, tmp_path):
    """As many others are refused; an earlier version did not note which they are."""
    shutil.copytree(pretrained.weights.parent, tmp_path, dirs_exist_ok=True)
    again = partial(pretrain, output=tmp_path, recipe=QUICK, config=SMALL, seed=3, resume=True)
    assert again(clips).losses == pretrained.losses
    teachers = {name: values[::-1] for name, values in clips.teachers.items()}
    other = dataclasses.replace(clips, teachers=teachers)
    with pytest.raises(DataError, match="is of other clips"):
        again(other)
    progress = tmp_path / "pretraining.json"
    known = json.loads(progress.read_text())
    del known["of"]["songs"]
    progress.write_text(json.dumps(known))
    assert again(clips).losses == pretrained.losses


@pytest.mark.parametrize(
    ("progress", "complaint"),
    [("{", "does not say how far pretraining came"), (None, "is of other clips")],
)
def test_another_pretraining_is_not_gone_on_with(clips, tmp_path, progress, complaint):
    (tmp_path / "pretraining.json").write_text(
        progress or json.dumps({"of": {"clips": 5, "teachers": {}}, "losses": [1.0]})
    )
    with pytest.raises(DataError, match=complaint):
        pretrain(clips, tmp_path, recipe=QUICK, config=SMALL, resume=True)
