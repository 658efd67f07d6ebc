"""Writes the release: `songnet.keras`, the TensorFlow Lite and ONNX files, and `config.json`."""

import argparse
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import keras
import tensorflow as tf
from litert_quantizer import qtyping, quantizer, recipe

from songnet.frontend import LogMel
from songnet.spec import SPEC, VERSION
from songnet.weights.release import (
    CONFIG_FILE,
    MODEL_FILE,
    NETWORK_FILE,
    ONNX_FILE,
    FileIdentity,
    ReleaseConfig,
    read_config,
)
from train.cost import size_table, sizes
from train.data.splits import load_split
from train.errors import DataError
from train.network.history import pass_history_on
from train.network.load import learned_from, load_network
from train.outputs import output_folder
from train.release.graph import finished
from train.release.onnx_file import to_onnx

# The front end stays in float: its filters are small, and its sums span 80 dB.
_FRONT_END = ".*log_mel.*"
_FLOAT16 = qtyping.OpQuantizationConfig(
    weight_tensor_config=qtyping.TensorQuantizationConfig(
        num_bits=16, dtype=qtyping.TensorDataType.FLOAT
    ),
    compute_precision=qtyping.ComputePrecision.FLOAT,
    explicit_dequantize=True,
)


def export(
    model: str | Path, output: str | Path, *, abstain_below: float | None = None
) -> ReleaseConfig:
    """Writes the files of a release from a trained network.

    The TensorFlow Lite and ONNX files take a waveform: the log-mel front end is part of their
    graph, in float. They differ in how they store the network's weights (`tflite_files`). The
    history of the training, where it is in the folder of `model`, joins the evidence.

    Parameters
    ----------
    model : path of a `.keras` file that `train.network.fit` or `train.evidence.calibrate` wrote
    output : path of a folder, made where it does not exist
    abstain_below : float, 0..1, or None
        Confidence under which the answer is "not sure"; None to take it from the `config.json` in
        the folder of `model`.

    Returns
    -------
    ReleaseConfig
        The content of `config.json`.

    Raises
    ------
    DataError
        If the file is missing or no Keras model, if its number of genres is not that in
        `config.json`, if there is no `abstain_below` or it does not lie in 0..1, or if `output`
        cannot be written.
    """
    if abstain_below is not None and not 0.0 <= abstain_below <= 1.0:
        raise DataError(f"--abstain-below takes a confidence, 0 to 1. Received: {abstain_below}")
    model, output = Path(model), Path(output)
    network = load_network(model)
    origin = learned_from(model, network)
    if abstain_below is None:
        abstain_below = _calibrated_threshold(model.parent)
    output_folder(output)
    if model.resolve() != (output / NETWORK_FILE).resolve():
        shutil.copyfile(model, output / NETWORK_FILE)
        pass_history_on(model, output / "evidence")
    serving = serving_model(network)
    described = {
        "version": VERSION,
        "genres": ", ".join(origin.genres),
        "license": origin.license,
        "sample_rate": f"{SPEC.sample_rate}",
        "window_seconds": f"{SPEC.window_seconds:g}",
        "abstain_below": f"{abstain_below:g}",
    }
    files = portable_files(serving, described)
    for name, data in files.items():
        (output / name).write_bytes(data)
    contents = {NETWORK_FILE: (output / NETWORK_FILE).read_bytes(), **files}
    config = ReleaseConfig.from_json(
        {
            "version": VERSION,
            **origin.to_json(),
            "sample_rate": SPEC.sample_rate,
            "window_seconds": SPEC.window_seconds,
            "abstain_below": abstain_below,
            "files": {
                name: FileIdentity.from_content(data).to_json() for name, data in contents.items()
            },
        }
    )
    config.write(output)
    return config


def _calibrated_threshold(folder: Path) -> float:
    threshold: Any = read_config(folder).get("abstain_below")
    if type(threshold) not in (int, float) or not 0.0 <= threshold <= 1.0:
        raise DataError(
            f"{folder / CONFIG_FILE} has no abstain_below, 0 to 1: calibrate the network first, or "
            "give --abstain-below."
        )
    return float(threshold)


def serving_model(network: keras.Model) -> keras.Model:
    """Puts the front end before the network.

    Parameters
    ----------
    network : keras.Model
        As `songnet.model.build_songnet` makes it.

    Returns
    -------
    keras.Model
        Input ``waveform`` [1, window_samples] mono at SPEC.sample_rate, any gain; the network's
        outputs, by name. The batch size is fixed at 1, which LiteRT's recurrent loop requires.
    """
    waveform = keras.Input((SPEC.window_samples,), batch_size=1, name="waveform")
    return keras.Model(waveform, network(LogMel(name="log_mel")(waveform)))


def network_alone(network: keras.Model) -> keras.Model:
    """The network without a front end, with a batch size of 1, so that it can be exported.

    Returns
    -------
    keras.Model
        As `serving_model`, but with the input ``log_mel`` [1, n_frames, n_mels].
    """
    log_mel = keras.Input((SPEC.n_frames, SPEC.n_mels), batch_size=1, name="log_mel")
    return keras.Model(log_mel, network(log_mel))


def portable_files(model: keras.Model, described: Mapping[str, str]) -> dict[str, bytes]:
    """What `tflite_files` makes, and ``songnet.onnx``, whose metadata is `described`."""
    return {**tflite_files(model), ONNX_FILE: to_onnx(model, described)}


def tflite_files(model: keras.Model) -> dict[str, bytes]:
    """Converts a model to TensorFlow Lite files that differ in how they store its weights.

    Parameters
    ----------
    model : keras.Model
        As `serving_model` or `network_alone` makes it.

    Returns
    -------
    dict of str to bytes
        ``songnet.tflite``, with 8-bit weights, one scale for each channel, and integer products;
        ``songnet-float16.tflite``, whose arithmetic is in float32; ``songnet-float32.tflite``.
        All have the same signature ``classify``.
    """
    tflite = to_tflite(model)
    float16 = quantizer.Quantizer(tflite)
    float16.update_quantization_recipe(
        ".*",
        recipe.TFLOperationName.ALL_SUPPORTED,
        op_config=_FLOAT16,
        algorithm_key=recipe.AlgorithmName.FLOAT_CASTING,
    )
    int8 = quantizer.Quantizer(tflite, recipe.dynamic_wi8_afp32())
    files = {MODEL_FILE: int8, "songnet-float16.tflite": float16}
    for maker in files.values():
        maker.update_quantization_recipe(
            _FRONT_END,
            recipe.TFLOperationName.ALL_SUPPORTED,
            algorithm_key=recipe.AlgorithmName.NO_QUANTIZE,
        )
    quantized = {name: _quantized(maker) for name, maker in files.items()}
    everything = quantized | {"songnet-float32.tflite": tflite}
    return {name: finished(data) for name, data in everything.items()}


def _quantized(maker: quantizer.Quantizer) -> bytes:
    data = maker.quantize(enable_progress_report=False).quantized_model
    assert data is not None  # there is a model, or `quantize` raises
    return bytes(data)


def to_tflite(model: keras.Model) -> bytes:
    """Converts a model to a float32 TensorFlow Lite file of built-in operations only.

    Its one signature is ``classify``, from the model's input to its outputs, by name.
    """
    (given,) = model.inputs
    signature = tf.TensorSpec(given.shape, tf.float32, name=given.name)
    archive = keras.export.ExportArchive()
    archive.track(model)
    archive.add_endpoint("classify", lambda inputs: model(inputs, training=False), [signature])
    with tempfile.TemporaryDirectory() as folder:
        # Keras has another class a backend; TensorFlow's has this method.
        archive.write_out(folder, verbose=False)  # pyright: ignore[reportAttributeAccessIssue]
        converter = tf.lite.TFLiteConverter.from_saved_model(folder, signature_keys=["classify"])
        converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS]
        return converter.convert()


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of ``python -m train export``."""
    parser.add_argument("--model", default="runs/songnet/songnet.keras", help="%(default)s")
    parser.add_argument("--output", default="artifacts", metavar="DIR", help="%(default)s")
    parser.add_argument("--abstain-below", type=float, help="else what `calibrate` found")
    parser.add_argument(
        "--data", metavar="DIR", help="measure every file on the validation split in this folder"
    )


def run(arguments: argparse.Namespace) -> dict[str, Any]:
    """``python -m train export``: exports, and returns what ``--json`` prints."""
    split = load_split(arguments.data, "validation") if arguments.data else None
    config = export(arguments.model, arguments.output, abstain_below=arguments.abstain_below)
    if split is None:
        return config.to_json()
    network = load_network(arguments.model)
    alone = portable_files(network_alone(network), {})
    measured = sizes.measure(arguments.output, serving_model(network), network, alone, split)
    size_table.write(arguments.output, config.files, measured)
    return config.to_json() | {"sizes": measured}


def show(result: Mapping[str, Any]) -> None:
    """Prints the files, with what was measured of them, as a table."""
    sizes.show(result["files"], result.get("sizes", {}))
