"""``python -m train STEP``: the steps from a data set to a published network."""

import argparse
import contextlib
import importlib
import json
import os
import sys

from songnet.errors import SongNetError

# A step's module, what it does, and the Keras backend that it runs on. The module is imported only
# when the step runs: the backend must be chosen before Keras is imported.
STEPS = {
    "prepare": ("train.data.prepare", "make a data set from FMA's download or own files", None),
    "fit": ("train.network.fit", "train a SongNet", "jax"),
    "calibrate": ("train.evidence.calibrate", "make a SongNet as sure as it is right", "jax"),
    "reproduce": ("train.reproduce", "make the shipped weights from nothing", None),
    "speed": (
        "train.cost.speed",
        "measure how fast clips are prepared, read and trained on",
        "jax",
    ),
    "baselines": ("train.evidence.baselines", "measure classical methods on the same clips", None),
    "export": (
        "train.release.export",
        "write the TensorFlow Lite files and config.json",
        "tensorflow",
    ),
    "index": (
        "train.release.index",
        'write the index of tracks for "sounds like" beside a model',
        "tensorflow",
    ),
    "benchmark": (
        "train.cost.benchmark",
        "measure time and memory, beside other ways to do the same",
        None,
    ),
    "evaluate": ("train.evidence.evaluate", "measure a SongNet on a split", "jax"),
    "evaluate-folder": (
        "train.evidence.labelled_folder",
        "measure a release on own files, in folders named by genre",
        None,
    ),
    "robustness": (
        "train.evidence.robustness",
        "measure how steady the answers are under changes of the audio",
        "jax",
    ),
    "trials": (
        "train.evidence.trials",
        "compute the figures of what was tried from the evidence",
        None,
    ),
    "report": (
        "train.release.report",
        "compute metrics.json and the README's table from the evidence",
        None,
    ),
    "publish": ("train.release.publish", "publish a release to the Hugging Face Hub", None),
}


def main(argv: list[str] | None = None) -> int:
    """Runs a step.

    Parameters
    ----------
    argv : list of str, or None for the process's arguments

    Returns
    -------
    int
        0 if it worked, 1 if the step failed on its input, 130 if it was interrupted. Wrong usage
        exits with 2.
    """
    argv = sys.argv[1:] if argv is None else argv
    step = argv[0] if argv and argv[0] in STEPS else None
    parser = argparse.ArgumentParser(prog="python -m train", description=__doc__.split(":")[1])
    commands = parser.add_subparsers(dest="step", required=True, metavar="STEP")
    for name, (module_name, help_text, backend) in STEPS.items():
        command = commands.add_parser(name, help=help_text, description=help_text)
        command.add_argument("--json", action="store_true", help="print the result as JSON")
        if name == step:
            if backend:
                os.environ["KERAS_BACKEND"] = backend
            os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
            module = importlib.import_module(module_name)
            module.add_arguments(command)
    arguments = parser.parse_args(argv)

    try:
        # Keras draws its progress bar on standard output, which belongs to the result.
        with contextlib.redirect_stdout(sys.stderr):
            result = module.run(arguments)
    except SongNetError as error:
        print(f"python -m train {step}: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print(f"python -m train {step}: stopped.", file=sys.stderr)
        return 130
    if arguments.json:
        print(json.dumps(result))
    else:
        getattr(module, "show", _print)(result)
    return 0


def _print(result: dict, indent: str = "") -> None:
    for key, value in result.items():
        if isinstance(value, dict):
            print(f"{indent}{key}:")
            _print(value, indent + "  ")
        else:
            print(f"{indent}{key}: {value}")


if __name__ == "__main__":
    sys.exit(main())
