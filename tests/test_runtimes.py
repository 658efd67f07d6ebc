"""The shipped files on old runtimes, which answer as today's does or refuse a file at load."""

import json
import subprocess
import sys

import numpy as np
import pytest

from songnet.spec import SPEC
from tests.support import songs
from tests.support.environments import fresh_python, other_python
from tests.support.paths import ROOT

pytestmark = pytest.mark.slow

# The largest difference of a probability: 8-bit products are rounded in other ways elsewhere.
FILES = {
    "songnet.tflite": 0.02,
    "songnet-float16.tflite": 1e-3,
    "songnet-float32.tflite": 1e-3,
}
PYTHON = "3.11"  # the newest that has a wheel of each of these

PROGRAM = """
import json, sys
import numpy as np
try:
    from ai_edge_litert.interpreter import Interpreter
except ImportError:
    from tflite_runtime.interpreter import Interpreter
answers = {}
for path in sys.argv[2:]:
    try:
        classify = Interpreter(path).get_signature_runner("classify")
    except ValueError as error:
        answers[path] = str(error)
    else:
        outputs = [classify(waveform=window[None]) for window in np.load(sys.argv[1])]
        answers[path] = [output["probabilities"][0].tolist() for output in outputs]
print(json.dumps(answers))
"""


@pytest.fixture(scope="module")
def sounds(tmp_path_factory):
    """Three windows that today's runtime takes for three things."""
    seconds = np.arange(SPEC.window_samples) / SPEC.sample_rate
    sweep = np.sin(2 * np.pi * 50 * seconds * 1.18**seconds)
    noise = np.random.default_rng(0).uniform(-1, 1, SPEC.window_samples)
    windows = [songs.synthesise(SPEC.window_seconds)[:, 0], sweep, noise]
    path = tmp_path_factory.mktemp("sounds") / "windows.npy"
    np.save(path, np.stack(windows).astype(np.float32))
    return path


def answers_of(python, sounds):
    """What the files say in an environment: probabilities a window, or why they do not load."""
    command = [python, "-c", PROGRAM, sounds, *(ROOT / "artifacts" / name for name in FILES)]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return dict(zip(FILES, json.loads(done.stdout).values(), strict=True))


@pytest.fixture(scope="module")
def expected(sounds):
    return answers_of(sys.executable, sounds)


# 1.0.0 is the first LiteRT; up to 1.3 it read biases as float16.
@pytest.mark.parametrize(
    ("runtime", "refused"),
    [
        ("tflite-runtime==2.14.0", {"songnet.tflite"}),
        ("ai-edge-litert==1.0.0", set()),
        ("ai-edge-litert==1.3.0", set()),
    ],
)
def test_old_runtimes_answer_alike_or_refuse(runtime, refused, sounds, expected, tmp_path):
    here = "{}.{}".format(*sys.version_info)
    python = sys.executable if here == PYTHON else other_python(PYTHON)
    answers = answers_of(
        fresh_python(tmp_path / "environment", runtime, "numpy<2", python=python), sounds
    )
    for name, tolerance in FILES.items():
        if name in refused:
            assert (
                "Didn't find op for builtin opcode 'FULLY_CONNECTED' version '12'" in answers[name]
            )
        else:
            np.testing.assert_allclose(answers[name], expected[name], atol=tolerance, err_msg=name)


def test_the_sounds_are_told_apart(expected):
    """Or else one answer for every song would be no fault."""
    for name, answers in expected.items():
        spread = np.ptp(answers, axis=0)
        assert spread.max() > 0.2, name
