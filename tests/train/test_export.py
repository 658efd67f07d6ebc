"""The exported file: the same answers as Keras, in operations that LiteRT has built in."""

import hashlib
import json
import os
import subprocess
import sys

import numpy as np
import pytest
from ai_edge_litert.interpreter import Interpreter

from songnet.artifacts import EMBEDDED
from songnet.features import log_mel
from songnet.spec import SPEC

# Runs under TensorFlow, whose backend Keras cannot change to once it runs on JAX.
COMPARE = """
import sys
import keras, numpy as np
from songnet.frontend import LogMel
from train.export import serving_model, to_tflite

waveforms = np.load(sys.argv[1])
network = keras.saving.load_model(sys.argv[2], compile=False)
model = serving_model(network)
said = [model(waveform[None], training=False) for waveform in waveforms]
result = {name: np.concatenate([np.asarray(s[name]) for s in said]) for name in said[0]}
front_end = LogMel()
result["log_mel"] = np.concatenate([np.asarray(front_end(w[None])) for w in waveforms])
np.savez(sys.argv[3], tflite=np.frombuffer(to_tflite(network), np.uint8), **result)
"""


def hard_sounds():
    n = SPEC.window_samples
    rng = np.random.default_rng(0)
    seconds = np.arange(n) / SPEC.sample_rate
    click = np.zeros(n)
    click[n // 2] = 1
    return {
        "silence": np.zeros(n),
        "constant": np.full(n, 0.5),
        "click": click,
        "full-scale noise": rng.uniform(-1, 1, n),
        "quiet noise": 1e-4 * rng.normal(size=n),
        "sweep": np.sin(2 * np.pi * 50 * seconds * 1.18**seconds),
        "clipped": np.clip(5 * np.sin(2 * np.pi * 220 * seconds), -1, 1),
    }


@pytest.fixture(scope="module")
def compared(tmp_path_factory):
    folder = tmp_path_factory.mktemp("export")
    np.save(folder / "in.npy", np.stack(list(hard_sounds().values())).astype(np.float32))
    subprocess.run(
        [
            sys.executable,
            "-c",
            COMPARE,
            folder / "in.npy",
            EMBEDDED / "songnet.keras",
            folder / "out.npz",
        ],
        env=os.environ | {"KERAS_BACKEND": "tensorflow"},
        check=True,
        capture_output=True,
    )
    return np.load(folder / "in.npy"), dict(np.load(folder / "out.npz"))


def run_litert(tflite, waveforms):
    runner = Interpreter(model_content=tflite).get_signature_runner("classify")
    said = [runner(waveform=waveform[None]) for waveform in waveforms]
    return {name: np.concatenate([s[name] for s in said]) for name in said[0]}


def test_front_end_equals_the_reference(compared):
    waveforms, keras_says = compared
    for name, waveform, ours in zip(hard_sounds(), waveforms, keras_says["log_mel"], strict=True):
        rms_db = 80 * np.sqrt(np.mean((ours - log_mel(waveform)) ** 2))
        assert rms_db < 0.05, name


def test_float_file_equals_keras(compared):
    waveforms, keras_says = compared
    said = run_litert(keras_says["tflite"].tobytes(), waveforms)
    for name in ("probabilities", "attention", "embedding"):
        np.testing.assert_allclose(said[name], keras_says[name], atol=1e-5, err_msg=name)


def test_shipped_file_stays_close_to_keras(compared):
    waveforms, keras_says = compared
    said = run_litert((EMBEDDED / "songnet.tflite").read_bytes(), waveforms)
    assert np.isfinite(said["probabilities"]).all()
    assert np.abs(said["probabilities"] - keras_says["probabilities"]).max() <= 0.05
    np.testing.assert_allclose(np.linalg.norm(said["embedding"], axis=1), 1, atol=1e-3)


def test_signature_and_operations():
    interpreter = Interpreter(model_path=str(EMBEDDED / "songnet.tflite"))
    assert interpreter.get_signature_list() == {
        "classify": {
            "inputs": ["waveform"],
            "outputs": ["attention", "embedding", "probabilities"],
        }
    }
    runner = interpreter.get_signature_runner("classify")
    assert runner.get_input_details()["waveform"]["shape"].tolist() == [1, SPEC.window_samples]
    assert runner.get_output_details()["probabilities"]["shape"].tolist() == [1, 8]
    operations = {operation["op_name"] for operation in interpreter._get_ops_details()}
    assert not [name for name in operations if name.startswith("Flex") or "CUSTOM" in name.upper()]


def test_config_names_the_files():
    config = json.loads((EMBEDDED / "config.json").read_text())
    for name, identity in config["files"].items():
        data = (EMBEDDED / name).read_bytes()
        assert identity == {"sha256": hashlib.sha256(data).hexdigest(), "bytes": len(data)}


def test_command_writes_a_release(tmp_path):
    command = [sys.executable, "-m", "train", "export", "--model", EMBEDDED / "songnet.keras"]
    done = subprocess.run(
        [*command, "--output", tmp_path, "--abstain-below", "0.25", "--json"],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    config = json.loads(done.stdout)
    assert config == json.loads((tmp_path / "config.json").read_text())
    assert config["abstain_below"] == 0.25
    assert (tmp_path / "songnet.keras").read_bytes() == (EMBEDDED / "songnet.keras").read_bytes()
    silence = np.zeros((1, SPEC.window_samples), dtype=np.float32)
    said = run_litert((tmp_path / "songnet.tflite").read_bytes(), silence)
    assert said["probabilities"].sum() == pytest.approx(1, abs=1e-5)


def test_a_missing_network_is_one_sentence(tmp_path):
    command = [sys.executable, "-m", "train", "export", "--model", tmp_path / "none.keras"]
    done = subprocess.run([*command, "--output", tmp_path], capture_output=True, text=True)
    assert done.returncode == 1
    assert "none.keras" in done.stderr.splitlines()[-1]
    assert "Traceback" not in done.stderr
