"""The rates that `train speed` measures, and the page that is computed from them."""

import json

import numpy as np
import pytest

from songnet.model import ModelConfig
from songnet.spec import SPEC
from tests.support import songs
from tests.support.paths import ROOT
from tests.support.teachers import ear
from train.__main__ import main
from train.cost import scale, speed
from train.data.splits import load_split
from train.errors import DataError

__all__ = ["ear"]

SMALL = ModelConfig(filters=(8, 8, 8), kernel_sizes=(3, 3, 3), gru_units=4, attention_units=4)


@pytest.fixture
def measured():
    return json.loads((ROOT / "artifacts" / "speed.json").read_text())


def test_the_page_agrees_with_the_evidence(measured):
    page = (ROOT / "train" / "SCALE.md").read_text(encoding="utf-8")
    assert scale.with_tables(page, measured) == page


def test_figures_follow_from_the_rates():
    rates = {"clips_per_second": 90.0, "clips_per_processor_second": 50.0}
    measured = {
        "machine": "",
        "prepare": {
            "clips": 1,
            "processor_s_per_clip": 3.6,
            "processor_s_per_track": 36.0,
            "track_s": 278.1,
        },
        "store_bytes_per_clip": 2**14,
        "busy": 2.0,
        **{task: {"memory": rates, "disk": rates} for task in ("loader", "training")},
    }
    found = scale.figures(measured)
    assert found["FMA-large"]["prepare_hours"] == pytest.approx(106.574)
    assert found["FMA-full"]["prepare_hours"] == pytest.approx(1065.74)
    assert found["FMA-full"]["read_mib_s"] == pytest.approx(917 * 1024 / (106_574 * 36))
    assert found["FMA-full"]["training_hours"] == pytest.approx(106_574 * 40 / 50 / 3600)
    assert found["FMA-full"]["spectra_gib"] == pytest.approx(106_574 * 128 * 128 / 2**30)
    assert found["FMA-full"]["store_gib"] == found["FMA-full"]["spectra_gib"]
    assert "| `prepare`, hours of one processor | 106.6 h | 1,065.7 h |" in scale.tables(measured)


@pytest.fixture(scope="module")
def more_clips(data_set, tmp_path_factory):
    """The made-up data set's training clips, twice."""
    folder = tmp_path_factory.mktemp("more")
    with np.load(data_set / "training.npz") as stored:
        more = {name: np.concatenate([stored[name]] * 2) for name in stored.files}
    np.savez(folder / "training.npz", **more)
    return folder


@pytest.mark.slow
def test_training_is_timed_and_ended(more_clips, tmp_path):
    training = speed.on_disk(load_split(more_clips, "training"), tmp_path)
    rates = speed.training_rates(training, counted=2, config=SMALL)
    assert set(rates) == {"clips_per_second", "clips_per_processor_second"}
    assert min(rates.values()) > 0


@pytest.mark.slow
def test_measures_and_writes_figures_and_page(more_clips, tmp_path, monkeypatch):
    (tmp_path / "audio").mkdir()
    songs.write(tmp_path / "audio" / "song.mp3", songs.synthesise(3.0))
    page = tmp_path / "page.md"
    page.write_text("Before\n<!-- figures: begin --><!-- figures: end -->\nAfter\n")
    monkeypatch.setattr(speed, "training_rates", speed.loader_rates)
    monkeypatch.setattr(scale, "SECONDS", 45.0)
    figures = tmp_path / "speed.json"
    command = ["--data", more_clips, "--audio", tmp_path / "audio"]
    command += ["--output", figures, "--page", page]
    assert main(["speed", *map(str, command)]) == 0
    measured = json.loads(figures.read_text())
    assert 0 < measured["prepare"]["processor_s_per_clip"] < 60
    assert measured["store_bytes_per_clip"] > SPEC.n_frames * SPEC.n_mels
    for place in measured["loader"].values():
        assert all(rate > 0 for rate in place.values())
    before, after = page.read_text().split(scale.tables(measured))
    assert before.startswith("Before")
    assert after.endswith("After\n")


def test_teachers_are_timed_beside_what_is_known(ear, measured, tmp_path):
    songs.write(tmp_path / "song.mp3", songs.synthesise(3.0))
    figures, page = tmp_path / "speed.json", tmp_path / "page.md"
    page.write_text("<!-- figures: begin --><!-- figures: end -->\n")
    command = ["speed", "--teacher", ear.name, "--audio", str(tmp_path)]
    command += ["--output", str(figures), "--page", str(page)]
    assert main(command) == 1  # nothing is known yet
    figures.write_text(json.dumps(measured | {"teachers": {}}))
    assert main(command) == 0
    found = json.loads(figures.read_text())
    assert found["training"] == measured["training"]
    seconds = found["teachers"]["ear"]["processor_s_per_clip"]
    assert 0 < seconds < 1
    found["teachers"]["ear"]["processor_s_per_clip"] = 3.6
    assert "| `prepare --teacher ear`, on top of it | 106.6 h | 106.6 h |" in scale.tables(found)
    assert scale.figures(found)["FMA-full"]["pretraining_hours"] > 0


def test_nothing_to_measure_is_one_sentence(tmp_path, capsys):
    songs.write(tmp_path / "song.mp3", songs.synthesise(1.0))
    assert main(["speed", "--audio", str(tmp_path)]) == 1
    assert "name --data, --teacher or both" in capsys.readouterr().err


def test_too_few_clips_are_one_sentence(data_set):
    with pytest.raises(DataError, match="Received: 192"):
        speed.training_rates(load_split(data_set, "training"))
