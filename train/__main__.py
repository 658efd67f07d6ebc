"""``python -m train STEP``: the steps from a data set to a published network."""

import argparse
import contextlib
import importlib
import json
import os
import sys
from dataclasses import dataclass
from typing import Any

from songnet.errors import SongNetError
from songnet.interrupts import ending_at_once
from train.outputs import sentence


@dataclass(frozen=True)
class Step:
    """A step of training.

    Its module is imported only when the step runs, since the Keras backend must be chosen before
    Keras is imported. What the module must have:

    - ``add_arguments(parser)`` adds the step's options to an `argparse.ArgumentParser`;
    - ``run(arguments)`` does the work and returns a dict that ``--json`` prints; it raises a
      `SongNetError` for what the user can mend;
    - ``show(result)``, optional, prints that dict for people; without it, each entry is a line.

    Attributes
    ----------
    module : str
        Its import path.
    help : str
        What it does, in a line of ``--help``.
    backend : {"jax", "tensorflow"} or None
        The Keras backend that it runs on; None for a step without Keras.
    """

    module: str
    help: str
    backend: str | None = None


STEPS = {
    "prepare": Step(
        "train.data.prepare",
        help="make a data set from FMA's download or own files",
    ),
    "licences": Step(
        "train.data.licences",
        help="count the licences of FMA's training clips, for the model card",
    ),
    "fit": Step(
        "train.network.fit",
        help="train a SongNet",
        backend="jax",
    ),
    "calibrate": Step(
        "train.evidence.calibrate",
        help='calibrate the probabilities of a SongNet and when it says "not sure"',
        backend="jax",
    ),
    "reproduce": Step(
        "train.reproduce",
        help="make the shipped weights from nothing",
    ),
    "speed": Step(
        "train.cost.speed",
        help="measure how fast clips are prepared, read and trained on",
        backend="jax",
    ),
    "baselines": Step(
        "train.evidence.baselines",
        help="measure classical methods on the same clips",
    ),
    "export": Step(
        "train.release.export",
        help="write the TensorFlow Lite files and config.json",
        backend="tensorflow",
    ),
    "index": Step(
        "train.release.index",
        help='write the index of tracks for "sounds like" next to a model',
        backend="tensorflow",
    ),
    "benchmark": Step(
        "train.cost.benchmark",
        help="measure time and memory, compared with other ways to do the same",
    ),
    "library": Step(
        "train.cost.library",
        help="measure what a large library takes: to open, to search, to scan",
    ),
    "evaluate": Step(
        "train.evidence.evaluate",
        help="measure a SongNet on a split",
        backend="jax",
    ),
    "evaluate-folder": Step(
        "train.evidence.labelled_folder",
        help="measure a release on own files, in folders named by genre",
    ),
    "robustness": Step(
        "train.evidence.robustness",
        help="measure how steady the answers are under changes of the audio",
        backend="jax",
    ),
    "own-genres": Step(
        "train.evidence.own_genres",
        help="measure how well genres are learned from a few songs, or show what was measured",
        backend="jax",
    ),
    "pretraining": Step(
        "train.evidence.pretraining",
        help="measure what pretraining without labels is worth, or show what was measured",
        backend="jax",
    ),
    "sections": Step(
        "train.evidence.sections",
        help="measure how well songs that change are told, or show what was measured",
        backend="jax",
    ),
    "projections": Step(
        "train.evidence.projections",
        help="measure which map of the songs keeps like next to like, or show what was measured",
        backend="jax",
    ),
    "trials": Step(
        "train.evidence.trials",
        help="compute the figures of what was tried from the evidence",
    ),
    "report": Step(
        "train.release.report",
        help="compute metrics.json and the figures in README and docs from the evidence",
    ),
    "publish": Step(
        "train.release.publish",
        help="publish a release to the Hugging Face Hub",
    ),
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
    # The step's module is imported for its options, which takes seconds where Keras is.
    with ending_at_once():
        arguments = _parser(argv).parse_args(argv)
    try:
        # Keras draws its progress bar on standard output, which belongs to the result.
        with contextlib.redirect_stdout(sys.stderr):
            result = arguments.module.run(arguments)
    except SongNetError as error:
        print(f"python -m train {arguments.step}: {error}", file=sys.stderr)
        return 1
    except OSError as error:
        where = getattr(arguments, "output", None)
        print(f"python -m train {arguments.step}: {sentence(error, where)}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print(f"python -m train {arguments.step}: stopped.", file=sys.stderr)
        return 130
    if arguments.json:
        print(json.dumps(result))
    else:
        getattr(arguments.module, "show", _print)(result)
    return 0


def _parser(argv: list[str]) -> argparse.ArgumentParser:
    """A parser that knows all steps, and the options of the one that `argv` names."""
    chosen = next((word for word in argv if not word.startswith("-")), None)
    parser = argparse.ArgumentParser(
        prog="python -m train", description="The steps from a data set to a published network."
    )
    commands = parser.add_subparsers(dest="step", required=True, metavar="STEP")
    for name, step in STEPS.items():
        command = commands.add_parser(name, help=step.help, description=step.help)
        command.add_argument("--json", action="store_true", help="print the result as JSON")
        if name == chosen:
            if step.backend:
                os.environ["KERAS_BACKEND"] = step.backend
            os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
            module = importlib.import_module(step.module)
            module.add_arguments(command)
            command.set_defaults(module=module)
    return parser


def _print(result: dict[str, Any], indent: str = "") -> None:
    for key, value in result.items():
        if isinstance(value, dict):
            print(f"{indent}{key}:")
            _print(value, indent + "  ")
        else:
            print(f"{indent}{key}: {value}")


if __name__ == "__main__":
    sys.exit(main())
