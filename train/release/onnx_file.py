"""Converts the network to ONNX, for the many runtimes that take no TensorFlow Lite."""

import tempfile
from collections.abc import Mapping
from pathlib import Path

import keras
import numpy as np
import onnx

from songnet.weights.release import ONNX_FILE

# Runs on ONNX Runtime 1.12 (2022) and later.
_OPSET = 17
# As in the TensorFlow Lite files, but in the order in which people ask for them.
_OUTPUTS = ("probabilities", "attention", "embedding")


def to_onnx(model: keras.Model, properties: Mapping[str, str]) -> bytes:
    """Converts a model to a float32 ONNX file of operators of the standard alone.

    Its GRU stays a loop: unrolled, the file has 157 kB more and takes a tenth longer. Two files of
    one network say the same, but differ in their bytes: tf2onnx orders operators as they come.

    Parameters
    ----------
    model : keras.Model
        As `train.release.export.serving_model` or `network_alone` makes it, on the TensorFlow
        backend.
    properties : dict of str to str
        The file's metadata.

    Returns
    -------
    bytes
    """
    (given,) = model.inputs
    # Keras exports no model that was never called.
    model.predict_on_batch(np.zeros(given.shape, np.float32))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / ONNX_FILE
        model.export(path, format="onnx", verbose=False, opset_version=_OPSET)
        converted = onnx.load(path)
    lengths = {
        output.name: output.type.tensor_type.shape.dim[1].dim_value
        for output in converted.graph.output
    }
    (waveform,) = converted.graph.input
    del converted.graph.output[:]
    converted.graph.output.extend(
        onnx.helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, [1, lengths[name]])
        for name in _OUTPUTS
    )
    # The batch has no size there, and the network takes one song at a time.
    waveform.type.tensor_type.shape.dim[0].dim_value = 1
    # tf2onnx declares operators of classical machine learning, too, and uses none.
    del converted.opset_import[:]
    converted.opset_import.append(onnx.helper.make_opsetid("", _OPSET))
    converted.graph.name = "songnet"
    onnx.helper.set_model_props(converted, dict(properties))
    onnx.checker.check_model(converted, full_check=True)
    return converted.SerializeToString(deterministic=True)
