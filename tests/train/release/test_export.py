"""The exported file: the same answers as Keras, in operations that LiteRT has built in."""

import hashlib
import json
import os
import shutil
import subprocess
import sys

import numpy as np
import onnxruntime
import pytest
from ai_edge_litert.interpreter import Interpreter

from songnet import audio
from songnet.classifier import Classifier
from songnet.features import log_mel
from songnet.spec import SPEC
from songnet.weights import EMBEDDED
from songnet.weights.release import FileIdentity, ReleaseConfig
from train.cost import size_table, sizes
from train.errors import DataError

pytestmark = pytest.mark.slow

FILES = ("songnet.tflite", "songnet-float16.tflite", "songnet-float32.tflite")

# Runs under TensorFlow, whose backend Keras cannot change to once it runs on JAX.
COMPARE = """
import sys
import keras, numpy as np
from songnet.frontend import LogMel
from songnet.spec import SPEC
from train.release.export import network_alone, portable_files, serving_model, to_tflite

waveforms = np.load(sys.argv[1])
network = keras.saving.load_model(sys.argv[2], compile=False)
model = serving_model(network)
outputs = [model(waveform[None], training=False) for waveform in waveforms]
result = {name: np.concatenate([np.asarray(s[name]) for s in outputs]) for name in outputs[0]}
waveform = keras.Input((SPEC.window_samples,), batch_size=1, name="waveform")
result["front_end"] = to_tflite(keras.Model(waveform, {"log_mel": LogMel()(waveform)}))
for name, data in portable_files(model, {"genres": "A, B"}).items():
    result[name] = data
for name, data in portable_files(network_alone(network), {}).items():
    result["alone/" + name] = data
for name, data in result.items():
    if isinstance(data, bytes):
        result[name] = np.frombuffer(data, np.uint8)
np.savez(sys.argv[3], **result)
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


def run_litert(tflite, inputs, name="waveform"):
    runner = Interpreter(model_content=bytes(tflite)).get_signature_runner("classify")
    outputs = [runner(**{name: given[None]}) for given in inputs]
    return {name: np.concatenate([s[name] for s in outputs]) for name in outputs[0]}


def run_onnx(content, inputs, name="waveform"):
    session = onnxruntime.InferenceSession(bytes(content))
    names = [output.name for output in session.get_outputs()]
    outputs = [session.run(None, {name: given[None]}) for given in inputs]
    return dict(zip(names, map(np.concatenate, zip(*outputs, strict=True)), strict=True))


def rms_db(front_end, waveform):
    (ours,) = run_litert(front_end, [waveform])["log_mel"]
    return SPEC.db_range * np.sqrt(np.mean((ours - log_mel(waveform)) ** 2))


def test_front_end_equals_the_reference(compared):
    waveforms, exported = compared
    for name, waveform in zip(hard_sounds(), waveforms, strict=True):
        assert rms_db(exported["front_end"], waveform) < 0.05, name


def test_front_end_equals_the_reference_on_real_clips(compared, shared_audio):
    for path in sorted(shared_audio.glob("*.mp3")):
        waveform = np.resize(audio.read(path), SPEC.window_samples)
        assert rms_db(compared[1]["front_end"], waveform) < 0.05, path.name


def test_float_file_equals_keras(compared):
    waveforms, exported = compared
    outputs = run_litert(exported["songnet-float32.tflite"], waveforms)
    for name in ("probabilities", "attention", "embedding"):
        for sound, ours, from_keras in zip(
            hard_sounds(), outputs[name], exported[name], strict=True
        ):
            np.testing.assert_allclose(ours, from_keras, atol=1e-5, err_msg=f"{name}, {sound}")


def test_the_onnx_file_equals_keras(compared):
    waveforms, exported = compared
    for content in (exported["songnet.onnx"], (EMBEDDED / "songnet.onnx").read_bytes()):
        outputs = run_onnx(content, waveforms)
        assert list(outputs) == ["probabilities", "attention", "embedding"]
        for name, values in outputs.items():
            np.testing.assert_allclose(values, exported[name], atol=1e-5, err_msg=name)


def test_the_onnx_network_alone_says_what_the_file_says(compared):
    waveforms, exported = compared
    log_mels = [log_mel(waveform) for waveform in waveforms]
    alone = run_onnx(exported["alone/songnet.onnx"], log_mels, "log_mel")
    whole = run_onnx(exported["songnet.onnx"], waveforms)
    np.testing.assert_allclose(alone["probabilities"], whole["probabilities"], atol=2e-3)


def test_the_onnx_file_says_what_it_is():
    session = onnxruntime.InferenceSession(EMBEDDED / "songnet.onnx")
    config = ReleaseConfig.read(EMBEDDED)
    assert session.get_modelmeta().custom_metadata_map == {
        "version": config.version,
        "genres": ", ".join(config.genres),
        "license": config.license,
        "sample_rate": f"{config.sample_rate}",
        "window_seconds": "30",
        "abstain_below": f"{config.abstain_below}",
    }
    (waveform,) = session.get_inputs()
    assert (waveform.name, waveform.shape) == ("waveform", [1, SPEC.window_samples])
    assert [output.shape[0] for output in session.get_outputs()] == [1, 1, 1]


@pytest.mark.parametrize(
    ("name", "max_dp"), [("songnet-float16.tflite", 0.005), ("songnet.tflite", 0.05)]
)
def test_smaller_files_stay_close_to_keras(compared, name, max_dp):
    waveforms, exported = compared
    outputs = run_litert(exported[name], waveforms)
    assert np.isfinite(outputs["probabilities"]).all()
    assert np.abs(outputs["probabilities"] - exported["probabilities"]).max() <= max_dp
    np.testing.assert_allclose(np.linalg.norm(outputs["embedding"], axis=1), 1, atol=1e-3)


def test_shipped_file_stays_close_to_keras(compared):
    waveforms, exported = compared
    outputs = run_litert((EMBEDDED / "songnet.tflite").read_bytes(), waveforms)
    assert np.abs(outputs["probabilities"] - exported["probabilities"]).max() <= 0.05


@pytest.mark.parametrize("name", FILES)
def test_the_network_alone_says_what_the_file_says(compared, name):
    waveforms, exported = compared
    whole = run_litert(exported[name], waveforms)
    log_mels = [log_mel(waveform) for waveform in waveforms]
    alone = run_litert(exported[f"alone/{name}"], log_mels, "log_mel")
    np.testing.assert_allclose(alone["probabilities"], whole["probabilities"], atol=2e-3)


def test_sizes_follow_from_the_weights(compared):
    exported = compared[1]
    size = {name: exported[name].size for name in FILES}
    assert size["songnet.tflite"] < 0.33 * size["songnet-float32.tflite"]
    assert size["songnet-float16.tflite"] < 0.56 * size["songnet-float32.tflite"]


def check_signature_and_operations(interpreter):
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


@pytest.mark.parametrize("name", FILES)
def test_signature_and_operations(compared, name):
    check_signature_and_operations(Interpreter(model_content=compared[1][name].tobytes()))


def test_signature_and_operations_of_the_shipped_file():
    check_signature_and_operations(Interpreter(model_path=str(EMBEDDED / "songnet.tflite")))


@pytest.mark.parametrize("gain", [0.0, 1e-6, 5e-4])
def test_silence_and_near_silence_abstain(gain):
    noise = np.random.default_rng(0).uniform(-1, 1, SPEC.window_samples)
    prediction = Classifier.load().classify(gain * noise)
    assert prediction.abstained
    assert np.isfinite(list(prediction.probabilities.values())).all()


def check_config_names_the_files(folder):
    config = json.loads((folder / "config.json").read_text())
    for name, identity in config["files"].items():
        data = (folder / name).read_bytes()
        assert identity == {"sha256": hashlib.sha256(data).hexdigest(), "bytes": len(data)}


def test_config_names_the_shipped_files():
    check_config_names_the_files(EMBEDDED)


def test_command_writes_a_release_and_measures_it(tmp_path, data_set):
    command = [sys.executable, "-m", "train", "export", "--model", EMBEDDED / "songnet.keras"]
    options = ["--output", tmp_path, "--abstain-below", "0.25", "--data", data_set]
    done = subprocess.run([*command, *options, "--json"], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    result = json.loads(done.stdout)
    config = json.loads((tmp_path / "config.json").read_text())
    assert {name: result[name] for name in config} == config
    assert config["abstain_below"] == 0.25
    assert config["files"].keys() == {"songnet.keras", "songnet.onnx", *FILES}
    check_config_names_the_files(tmp_path)
    assert (tmp_path / "songnet.keras").read_bytes() == (EMBEDDED / "songnet.keras").read_bytes()
    assert result["sizes"].keys() == config["files"].keys()
    rows = size_table.read(tmp_path, ReleaseConfig.from_json(config).files)
    assert list(rows.values()) == [config["files"][name] | result["sizes"][name] for name in rows]
    assert f"{config['files']['songnet.tflite']['bytes']:,}" in size_table.to_markdown(rows)
    others = {name: FileIdentity("other") for name in rows}
    assert size_table.read(tmp_path, others) == {}
    assert result["sizes"]["songnet.keras"]["same_genre"] == 1
    assert result["sizes"]["songnet-float32.tflite"]["max_dp"] < 1e-5
    assert result["sizes"]["songnet.onnx"]["max_dp"] < 1e-5
    assert 0 < result["sizes"]["songnet.tflite"]["max_dp"] <= 0.05


def test_size_table_has_a_row_a_file(capsys):
    times = {"median": 5.0, "low": 4.5, "high": 5.5, "min": 4.0}
    figures = {"accuracy": 0.5, "same_genre": 0.99, "max_dp": 0.01, "window_ms": times}
    files = {"songnet.keras": {"bytes": 1_000_000}, "songnet.tflite": {"bytes": 300_000}}
    sizes.show(files, {"songnet.tflite": figures})
    titles, network, tflite = capsys.readouterr().out.splitlines()
    assert titles.split()[:3] == ["file", "bytes", "accuracy"]
    assert network.split() == ["songnet.keras", "1,000,000"]
    assert tflite.split()[:5] == ["songnet.tflite", "300,000", "50.00%", "99.00%", "1.00e-02"]


def test_a_missing_network_is_one_sentence(tmp_path):
    command = [sys.executable, "-m", "train", "export", "--model", tmp_path / "none.keras"]
    done = subprocess.run([*command, "--output", tmp_path], capture_output=True, text=True)
    assert done.returncode == 1
    assert "none.keras" in done.stderr.splitlines()[-1]
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("confidence", [float("nan"), 7.0, -0.1])
def test_a_threshold_that_is_no_confidence_is_one_sentence(tmp_path, confidence):
    from train.release.export import export  # TensorFlow is slow to import

    with pytest.raises(DataError, match="--abstain-below takes a confidence, 0 to 1"):
        export(EMBEDDED / "songnet.keras", tmp_path / "out", abstain_below=confidence)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("stored", ["null", "NaN", "2", '"0.3"', "true"])
def test_a_calibration_without_a_confidence_is_one_sentence(tmp_path, stored):
    from train.release.export import export

    shutil.copy(EMBEDDED / "songnet.keras", tmp_path)
    genres = json.dumps(list(Classifier.load().genres))
    (tmp_path / "config.json").write_text(f'{{"genres": {genres}, "abstain_below": {stored}}}')
    with pytest.raises(DataError, match="has no abstain_below, 0 to 1: calibrate the network"):
        export(tmp_path / "songnet.keras", tmp_path / "out")
