"""What the export does to the graphs: nothing that changes an answer."""

import numpy as np
import pytest
from ai_edge_litert import schema_py_generated as schema
from ai_edge_litert.interpreter import Interpreter
from ai_edge_litert.tools import flatbuffer_utils

from songnet.spec import SPEC
from songnet.weights import EMBEDDED
from tests.support.paths import ROOT
from train.release.graph import finished

FULLY_CONNECTED = schema.BuiltinOperator.FULLY_CONNECTED
CONVOLUTION = schema.BuiltinOperator.CONV_2D
DEQUANTIZE = schema.BuiltinOperator.DEQUANTIZE


def model_of(name):
    return flatbuffer_utils.read_model(str(ROOT / "artifacts" / name))


def packed(model):
    return bytes(flatbuffer_utils.convert_object_to_bytearray(model))


def versions(model):
    return {code.builtinCode: code.version for code in model.operatorCodes}


def array(model, graph, tensor):
    """The content of a constant tensor."""
    data = model.buffers[graph.tensors[tensor].buffer].data
    return np.frombuffer(bytes(data), np.float32)


def operators(model, kind):
    """The operators of a kind in the main graph, in order, and that graph."""
    graph = model.subgraphs[0]
    codes = model.operatorCodes
    found = [o for o in graph.operators if codes[o.opcodeIndex].builtinCode == kind]
    return graph, found


def answers(tflite):
    classify = Interpreter(model_content=tflite).get_signature_runner("classify")
    noise = np.random.default_rng(0).normal(0, 0.1, (1, SPEC.window_samples))
    return classify(waveform=noise.astype(np.float32))


@pytest.mark.parametrize(
    ("name", "needed"),
    [
        ("songnet.tflite", {FULLY_CONNECTED: 12, CONVOLUTION: 5}),
        ("songnet-float16.tflite", {DEQUANTIZE: 3}),
    ],
)
def test_quantized_weights_need_the_version_that_has_them(name, needed):
    assert versions(model_of(name)).items() >= needed.items()


def test_versions_are_raised_and_nothing_is_said_otherwise():
    model = model_of("songnet.tflite")
    for code in model.operatorCodes:
        code.version = min(code.version, 5)
    old = packed(model)
    again = finished(old)
    assert versions(flatbuffer_utils.read_model_from_bytearray(again))[FULLY_CONNECTED] == 12
    assert again == (EMBEDDED / "songnet.tflite").read_bytes()
    for name, output in answers(old).items():
        np.testing.assert_array_equal(answers(again)[name], output)


def test_weights_in_float_need_no_newer_runtime():
    before = (ROOT / "artifacts" / "songnet-float32.tflite").read_bytes()
    assert finished(before) == before


def test_biases_beside_float16_weights_are_added_apart_and_are_those_of_the_float_file():
    half, whole = model_of("songnet-float16.tflite"), model_of("songnet-float32.tflite")
    graph, convolutions = operators(half, CONVOLUTION)
    float_graph, float_convolutions = operators(whole, CONVOLUTION)
    assert len(convolutions) == len(float_convolutions) == 3
    for convolution, in_float in zip(convolutions, float_convolutions, strict=True):
        assert not array(half, graph, convolution.inputs[2]).any()
        (product,) = convolution.outputs
        (addition,) = (o for o in graph.operators if product in list(o.inputs))
        bias = array(half, graph, addition.inputs[1])
        np.testing.assert_array_equal(bias, array(whole, float_graph, in_float.inputs[2]))
        activations = [o.builtinOptions.fusedActivationFunction for o in (convolution, addition)]
        assert activations == [
            schema.ActivationFunctionType.NONE,
            in_float.builtinOptions.fusedActivationFunction,
        ]


def test_a_bias_apart_changes_no_answer():
    """Undone and done again."""
    model = model_of("songnet-float16.tflite")
    graph, convolutions = operators(model, CONVOLUTION)
    for convolution in convolutions:
        (product,) = convolution.outputs
        (addition,) = (o for o in graph.operators if product in list(o.inputs))
        convolution.inputs = [*convolution.inputs[:2], addition.inputs[1]]
        convolution.outputs = addition.outputs
        options = addition.builtinOptions.fusedActivationFunction
        convolution.builtinOptions.fusedActivationFunction = options
        graph.operators.remove(addition)
    within = packed(model)
    apart = finished(within)
    _, again = operators(flatbuffer_utils.read_model_from_bytearray(apart), CONVOLUTION)
    assert [c.inputs[2] for c in again] != [c.inputs[2] for c in convolutions]
    for name, output in answers(within).items():
        np.testing.assert_allclose(answers(apart)[name], output, atol=2e-6)
