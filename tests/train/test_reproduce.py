"""The plan from a data set to a release: every step is a command that exists, in a sound order."""

import argparse
import importlib
import json
import subprocess
import sys

import pytest

from train import reproduce
from train.__main__ import STEPS, main
from train.cost import training
from train.reproduce import plan


@pytest.fixture(params=[False, True], ids=["weights", "everything"])
def steps(request):
    return plan("data", "out", everything=request.param, epochs=None, audio="songs")


def options(step):
    """A step's options, parsed by that step's own parser."""
    parser = argparse.ArgumentParser(exit_on_error=False)
    module = importlib.import_module(STEPS[step[0]].module)
    module.add_arguments(parser)
    return parser.parse_args(step[1:])


def test_every_step_is_a_command(steps):
    assert {step[0] for step in steps} <= set(STEPS)
    for step in steps:
        options(step)


def test_nothing_is_read_before_it_is_written(steps):
    written = set()
    for name, option in ((step[0], options(step)) for step in steps):
        if name in ("calibrate", "evaluate", "export", "index"):
            assert option.model in written
        if name == "calibrate":
            assert set(option.evidence) <= written
        if name in ("fit", "calibrate", "export"):
            written.add(f"{option.output}/songnet.keras")
        if name == "robustness":
            assert f"{option.artifacts}/songnet.keras" in written
        if name == "evaluate":
            written.add(option.output)


def test_folds_and_seeds_are_all_there():
    given = [options(step) for step in plan("data", "out", everything=True, epochs=3)]
    fits = [(o.protocol, o.seed) for o in given if hasattr(o, "resume")]
    assert sorted(fits) == sorted(
        (protocol, seed) for protocol in ("folds", "official", "random") for seed in range(5)
    )
    assert all(o.epochs == 3 and o.resume for o in given if hasattr(o, "resume"))
    for o in (o for o in given if hasattr(o, "fold")):
        assert o.fold == (o.seed if o.protocol == "folds" else None)


def test_robustness_is_measured_before_it_is_reported():
    given = {"everything": True, "epochs": None}
    names = [step[0] for step in plan("data", "out", **given, audio="songs")]
    assert names.count("robustness") == 1
    assert names.index("export") < names.index("robustness") < names.index("report")
    assert "robustness" not in [step[0] for step in plan("data", "out", **given)]


def test_the_official_test_split_comes_last_and_chooses_nothing():
    given = {"everything": True, "epochs": None, "audio": "songs"}
    steps = plan("data", "out", **given, test=True)
    looks = [step for step in steps if "official" in step and "test" in step]
    assert [step[0] for step in looks] == ["evaluate"] * 5 + ["baselines"]
    assert steps[-7:] == [*looks, ["report", "--artifacts", "out"]]
    assert sorted(options(step).output for step in looks[:5]) == [
        f"out/evidence/official-test-songnet-seed{seed}.csv" for seed in range(5)
    ]
    without = plan("data", "out", **given)
    assert [step for step in steps if step not in looks] == without


def test_what_a_training_took_is_noted(tmp_path, monkeypatch):
    command = [sys.executable, "-c", "sum(range(10**7))"]
    real = subprocess.run
    monkeypatch.setattr(subprocess, "run", lambda *_, **__: real(command))
    step = ["fit", "--output", str(tmp_path / "runs" / "official3")]
    assert reproduce._run(step, tmp_path) == reproduce._run(["index"], tmp_path) == 0
    noted = json.loads((tmp_path / training.FILE).read_text())["networks"]
    assert list(noted) == ["official3"]
    assert noted["official3"]["processor_s"] > 0


def test_everything_has_the_files_measured():
    exports = {
        everything: next(
            s for s in plan("data", "out", everything=everything, epochs=None) if s[0] == "export"
        )
        for everything in (False, True)
    }
    assert options(exports[True]).data == "data"
    assert options(exports[False]).data is None


def test_missing_data_is_refused_at_once(tmp_path, capfd):
    assert main(["reproduce", "--data", str(tmp_path), "--output", str(tmp_path / "out")]) == 1
    assert "training.npz is missing" in capfd.readouterr().err
    assert not (tmp_path / "out").exists()


@pytest.mark.slow
def test_a_step_that_fails_ends_the_run(data_set, tmp_path, capfd, monkeypatch):
    monkeypatch.setattr("train.reproduce.plan", lambda *_, **__: [["export", "--model", "none"]])
    assert main(["reproduce", "--data", str(data_set), "--output", str(tmp_path)]) == 1
    assert "Step 1 failed" in capfd.readouterr().err
