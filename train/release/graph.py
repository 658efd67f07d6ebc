"""What is changed in a TensorFlow Lite graph once its weights are quantized.

The quantizer writes graphs that today's LiteRT runs, and that older runtimes take and run wrongly.
Here each operator gets the version that TensorFlow's own converter gives it, so that a runtime
without that version refuses the file, and what some runtimes get wrong is said in another way.
"""

import copy
from collections.abc import Iterator

import numpy as np
from ai_edge_litert import schema_py_generated as schema
from ai_edge_litert.tools import flatbuffer_utils

_FULLY_CONNECTED = schema.BuiltinOperator.FULLY_CONNECTED
_CONVOLUTION = schema.BuiltinOperator.CONV_2D
_DEQUANTIZE = schema.BuiltinOperator.DEQUANTIZE
_ADD = schema.BuiltinOperator.ADD
# The versions that have 8-bit weights with one scale for each channel, for inputs in float: as
# tensorflow/lite/tools/versioning/op_version.cc has them.
_VERSIONS_8_BIT = {_FULLY_CONNECTED: 12, _CONVOLUTION: 5}
_VERSION_DEQUANTIZE_FLOAT16 = 3
# The first TensorFlow that has the twelfth version of fully connected layers.
_RUNTIME_8_BIT = b"2.17.0"


def finished(tflite: bytes) -> bytes:
    """Makes a converted and quantized model the one that is shipped. It says the same.

    Parameters
    ----------
    tflite : bytes
        A TensorFlow Lite model in which constant weights are float32, float16 (behind an operator
        that makes them float32) or 8-bit with one scale for each channel.

    Returns
    -------
    bytes
        The model with its operators' versions raised to what its weights need; without float32
        biases in the convolutions whose weights are float16, where an addition follows instead; and
        without the names of inner tensors and empty quantisation records, which are 18 kB.
    """
    model = flatbuffer_utils.read_model_from_bytearray(tflite)
    _raise_versions(model)
    for graph in model.subgraphs or []:
        _take_biases_out(model, graph)
    _strip(model)
    # The annotation is a protocol whose parameters have other names than those of LiteRT's classes.
    packed = flatbuffer_utils.convert_object_to_bytearray(
        model  # pyright: ignore[reportArgumentType]
    )
    return bytes(packed)


def _operators(
    model: schema.ModelT, graph: schema.SubGraphT
) -> Iterator[tuple[schema.OperatorCodeT, schema.OperatorT]]:
    for operator in graph.operators or []:
        yield model.operatorCodes[operator.opcodeIndex], operator


def _raise_versions(model: schema.ModelT) -> None:
    """Raises the versions of the operators whose weights were quantized.

    The kernels of TensorFlow Lite before 2.16 take the first of a fully connected layer's scales
    for all channels, and so gave one answer for all songs.
    """
    for graph in model.subgraphs or []:
        for code, operator in _operators(model, graph):
            kind = code.builtinCode
            if kind in _VERSIONS_8_BIT:
                weights = graph.tensors[operator.inputs[1]]
                if weights.type == schema.TensorType.INT8:
                    code.version = max(code.version, _VERSIONS_8_BIT[kind])
            elif kind == _DEQUANTIZE:
                weights = graph.tensors[operator.inputs[0]]
                if weights.type == schema.TensorType.FLOAT16:
                    code.version = max(code.version, _VERSION_DEQUANTIZE_FLOAT16)
    needed = _VERSIONS_8_BIT[_FULLY_CONNECTED]
    if any(
        code.builtinCode == _FULLY_CONNECTED and code.version >= needed
        for code in model.operatorCodes or []
    ):
        for entry in model.metadata or []:
            if entry.name == b"min_runtime_version":
                padded = _RUNTIME_8_BIT.ljust(16, b"\0")
                model.buffers[entry.buffer].data = np.frombuffer(padded, np.uint8)


def _take_biases_out(model: schema.ModelT, graph: schema.SubGraphT) -> None:
    """Adds the bias after each convolution whose weights are float16, and not within it.

    LiteRT 1.1 to 1.3 read the float32 bias of such a convolution as float16, in which it may be
    anything, even no number at all. Zero is zero in both.
    """
    halves = {
        operator.outputs[0]
        for code, operator in _operators(model, graph)
        if code.builtinCode == _DEQUANTIZE
        and graph.tensors[operator.inputs[0]].type == schema.TensorType.FLOAT16
    }
    operators = []
    for code, operator in _operators(model, graph):
        operators.append(operator)
        if code.builtinCode == _CONVOLUTION and operator.inputs[1] in halves:
            operators.append(_bias_apart(model, graph, operator))
    graph.operators = operators


def _bias_apart(
    model: schema.ModelT, graph: schema.SubGraphT, convolution: schema.OperatorT
) -> schema.OperatorT:
    """Makes a convolution's bias zero, and returns the operator that adds it to the output."""
    given, weights, bias = convolution.inputs
    (output,) = convolution.outputs
    zero, product = copy.deepcopy(graph.tensors[bias]), copy.deepcopy(graph.tensors[output])
    content = np.zeros_like(model.buffers[zero.buffer].data)
    model.buffers.append(schema.BufferT(data=content))
    zero.buffer = len(model.buffers) - 1
    graph.tensors += [zero, product]
    convolution.inputs = [given, weights, len(graph.tensors) - 2]
    convolution.outputs = [len(graph.tensors) - 1]
    # The GRU has additions, so that they are among the operators that the model lists.
    (additions,) = (i for i, code in enumerate(model.operatorCodes) if code.builtinCode == _ADD)
    options = schema.AddOptionsT(
        fusedActivationFunction=convolution.builtinOptions.fusedActivationFunction
    )
    convolution.builtinOptions.fusedActivationFunction = schema.ActivationFunctionType.NONE
    return schema.OperatorT(
        opcodeIndex=additions,
        inputs=[len(graph.tensors) - 1, bias],
        outputs=[output],
        builtinOptionsType=schema.BuiltinOptions.AddOptions,
        builtinOptions=options,
    )


def _strip(model: schema.ModelT) -> None:
    """Removes the names of inner tensors and empty quantisation records."""
    signatures = model.signatureDefs
    flatbuffer_utils.strip_strings(model)
    # The signatures hold the names of inputs and outputs, which stay.
    model.signatureDefs = signatures
    tensors = (tensor for graph in model.subgraphs or [] for tensor in graph.tensors or [])
    for tensor in tensors:
        if tensor.quantization is not None and tensor.quantization.scale is None:
            tensor.quantization = None
