"""Writes the release: `songnet.keras`, `songnet.tflite` and `config.json`."""

import argparse
import hashlib
import json
import shutil
import tempfile
from pathlib import Path

import keras
import tensorflow as tf
from ai_edge_quantizer import quantizer, recipe

from songnet.frontend import LogMel
from songnet.spec import GENRES, SPEC, VERSION
from train.data import DataError

# The front end stays in float: its filters are small, and its sums span 80 dB.
_FRONT_END = ".*log_mel.*"


def export(model: str | Path, output: str | Path, *, abstain_below: float) -> dict:
    """Turns a trained network into the files of a release.

    The TensorFlow Lite file takes a waveform: the log-mel front end is part of its graph. Its
    weights are stored as 8-bit integers, its arithmetic and its front end are in float.

    Parameters
    ----------
    model : path of a `.keras` file that `train.fit.fit` wrote
    output : path of a folder, made where it does not exist
    abstain_below : float, 0..1
        The confidence under which the answer is "not sure".

    Returns
    -------
    dict
        What `config.json` holds.

    Raises
    ------
    DataError
        If the file is missing or no Keras model.
    """
    model, output = Path(model), Path(output)
    try:
        network = keras.saving.load_model(model, compile=False)
    except (OSError, ValueError) as error:
        raise DataError(f"{model} is not a .keras file that can be loaded: {error}") from error
    output.mkdir(parents=True, exist_ok=True)
    if model.resolve() != (output / "songnet.keras").resolve():
        shutil.copyfile(model, output / "songnet.keras")
    (output / "songnet.tflite").write_bytes(quantize(to_tflite(network)))
    config = {
        "version": VERSION,
        "genres": list(GENRES),
        "sample_rate": SPEC.sample_rate,
        "window_seconds": SPEC.window_seconds,
        "abstain_below": abstain_below,
        "training_data": "FMA-small, official training split (arXiv 1612.01840)",
        "license": "CC-BY-NC-4.0",
        "files": {name: _identity(output / name) for name in ("songnet.keras", "songnet.tflite")},
    }
    (output / "config.json").write_text(json.dumps(config, indent=2) + "\n")
    return config


def serving_model(network: keras.Model) -> keras.Model:
    """The network with the front end before it.

    Parameters
    ----------
    network : keras.Model
        As `songnet.model.build_songnet` makes it.

    Returns
    -------
    keras.Model
        Input ``waveform`` [1, window_samples] mono at SPEC.sample_rate, any gain; the network's
        outputs, by name. The batch is fixed at 1: LiteRT's recurrent loop wants it so.
    """
    waveform = keras.Input((SPEC.window_samples,), batch_size=1, name="waveform")
    return keras.Model(waveform, network(LogMel(name="log_mel")(waveform)))


def to_tflite(network: keras.Model) -> bytes:
    """The serving model as a float32 TensorFlow Lite file of built-in operations alone.

    Its one signature is ``classify``: ``waveform`` to the network's outputs, by name.
    """
    model = serving_model(network)
    signature = tf.TensorSpec((1, SPEC.window_samples), tf.float32, name="waveform")
    archive = keras.export.ExportArchive()
    archive.track(model)
    archive.add_endpoint("classify", lambda waveform: model(waveform, training=False), [signature])
    with tempfile.TemporaryDirectory() as folder:
        archive.write_out(folder, verbose=False)
        converter = tf.lite.TFLiteConverter.from_saved_model(folder, signature_keys=["classify"])
        converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS]
        return converter.convert()


def quantize(tflite: bytes) -> bytes:
    """Stores the network's weights as 8-bit integers, one scale a channel.

    Parameters
    ----------
    tflite : bytes
        As `to_tflite` makes it.

    Returns
    -------
    bytes
        A file with the same signature, inputs and outputs.
    """
    maker = quantizer.Quantizer(tflite, recipe.dynamic_wi8_afp32())
    maker.update_quantization_recipe(
        _FRONT_END,
        recipe.TFLOperationName.ALL_SUPPORTED,
        algorithm_key=recipe.AlgorithmName.NO_QUANTIZE,
    )
    return bytes(maker.quantize(enable_progress_report=False).quantized_model)


def _identity(path: Path) -> dict:
    data = path.read_bytes()
    return {"sha256": hashlib.sha256(data).hexdigest(), "bytes": len(data)}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of ``python -m train export``."""
    parser.add_argument("--model", default="runs/songnet/songnet.keras", help="%(default)s")
    parser.add_argument("--output", default="artifacts", metavar="DIR", help="%(default)s")
    parser.add_argument("--abstain-below", type=float, default=0.4, help="%(default)s")


def run(arguments: argparse.Namespace) -> dict:
    """``python -m train export``: exports, and returns what ``--json`` prints."""
    return export(arguments.model, arguments.output, abstain_below=arguments.abstain_below)
