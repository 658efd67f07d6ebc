"""Makes the shipped weights from a data set, and with `--all` every quoted figure."""

import argparse
import contextlib
import subprocess
import sys
from pathlib import Path

from songnet.weights.release import NETWORK_FILE
from train.cost import training
from train.data import arrays, splits
from train.data.splits import N_FOLDS
from train.errors import DataError
from train.evidence.names import EvidenceName

_SEEDS = 5  # networks for each protocol but the folds
_SHIPPED_SEED = 0
# What is measured on; of the official split also test, where the data set has it.
_MEASURED = {"official": "validation", "random": "test", "folds": "test"}


def plan(
    folder: str | Path,
    output: str | Path,
    *,
    everything: bool,
    epochs: int | None,
    audio: str | Path | None = None,
    test: bool = False,
) -> list[list[str]]:
    """The steps from a data set to a release, in their order.

    The folds come first: from their predictions for held-out artists come the temperature and the
    threshold of "not sure" of all networks after them.

    Parameters
    ----------
    folder : path of the data set
    output : path of the release's folder; the runs go to its folder ``runs``
    everything : bool
        Also seeds 1 to 4, the random split, the baselines and the report.
    epochs : int or None
        None for as many as in `train.network.fit.Recipe`.
    audio : path of a folder of songs, or None
        The songs with which robustness is measured; None leaves it out.
    test : bool
        Whether the data set has an official test split, which is measured with everything else.

    Returns
    -------
    list of list of str
        The arguments of ``python -m train`` for each step.
    """
    output = Path(output)
    steps = []
    for fold in range(N_FOLDS):
        steps += _network(folder, output, "folds", fold, epochs)
    steps += _network(folder, output, "official", _SHIPPED_SEED, epochs)
    shipped = output / "runs" / f"official{_SHIPPED_SEED}-calibrated" / NETWORK_FILE
    measured = {"data": folder} if everything else {}
    steps.append(_step("export", model=shipped, output=output, **measured))
    steps.append(_step("index", data=folder, model=output / NETWORK_FILE))
    if everything:
        if audio is not None:
            steps.append(_step("robustness", data=folder, audio=audio, artifacts=output))
        for protocol in ("official", "random"):
            for seed in range(_SEEDS):
                if (protocol, seed) != ("official", _SHIPPED_SEED):
                    steps += _network(folder, output, protocol, seed, epochs)
                if protocol == "random" or seed == 0:
                    steps.append(_baselines(folder, output, protocol, seed, _MEASURED[protocol]))
        if test:
            steps += _official_test(folder, output)
        steps.append(_step("report", artifacts=output))
    return steps


def _network(
    folder: str | Path, output: Path, protocol: str, number: int, epochs: int | None
) -> list[list[str]]:
    """The steps that train a network, calibrate it unless it is a fold's, and predict with it.

    `number` is the network's seed and, under the protocol ``folds``, also its fold: the shipped
    figures were made in this way.
    """
    where = {"data": folder, "protocol": protocol, "seed": number}
    if protocol == "folds":
        where["fold"] = number
    made = output / "runs" / f"{protocol}{number}"
    length = {} if epochs is None else {"epochs": epochs}
    steps = [[*_step("fit", **where, output=made, **length), "--resume"]]
    if protocol != "folds":
        folds = [str(_rows(output, "folds", fold)) for fold in range(N_FOLDS)]
        calibrated = made.with_name(f"{made.name}-calibrated")
        calibrate = _step("calibrate", model=made / NETWORK_FILE, output=calibrated)
        steps.append([*calibrate, "--evidence", *folds])
        made = calibrated
    measured = {"split": _MEASURED[protocol], "model": made / NETWORK_FILE}
    rows = _rows(output, protocol, number)
    return [*steps, _step("evaluate", **where, **measured, output=rows)]


def _official_test(folder: str | Path, output: Path) -> list[list[str]]:
    """The steps that measure every official network and the baselines on the official test split.

    They are the last before the report: nothing that follows depends on them.
    """
    steps = []
    for seed in range(_SEEDS):
        rows = _rows(output, "official", seed, "test")
        model = output / "runs" / f"official{seed}-calibrated" / NETWORK_FILE
        where = {"data": folder, "protocol": "official", "seed": seed, "split": "test"}
        steps.append(_step("evaluate", **where, model=model, output=rows))
    return [*steps, _baselines(folder, output, "official", 0, "test")]


def _baselines(folder: str | Path, output: Path, protocol: str, seed: int, split: str) -> list[str]:
    """The step that measures the baselines on a split."""
    where = {"data": folder, "protocol": protocol, "seed": seed}
    return _step("baselines", **where, split=split, output=output / "evidence")


def _rows(output: Path, protocol: str, number: int, split: str | None = None) -> Path:
    """Path of the predictions of one network, by default for what its protocol is measured on."""
    split = split or _MEASURED[protocol]
    name = EvidenceName(protocol=protocol, split=split, model="songnet", number=number)
    return output / "evidence" / name.file


def _step(name: str, **options: object) -> list[str]:
    """The arguments of one step."""
    return [name, *(word for key, value in options.items() for word in (f"--{key}", str(value)))]


def _run(step: list[str], evidence: Path) -> int:
    """Runs a step, notes what a training took, and returns the exit status."""
    trained = Path(step[step.index("--output") + 1]).name if step[0] == "fit" else None
    noted = training.measured(evidence, trained) if trained else contextlib.nullcontext()
    with noted:
        return subprocess.run([sys.executable, "-m", "train", *step], stdout=sys.stderr).returncode


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of ``python -m train reproduce``."""
    parser.add_argument("--data", required=True, metavar="DIR", help="folder of the .npz splits")
    parser.add_argument("--output", default="runs/release", metavar="DIR", help="%(default)s")
    parser.add_argument("--epochs", type=int, help="fewer than the recipe's, to try it out")
    parser.add_argument(
        "--all", action="store_true", help="also the other seeds, the random split, the baselines"
    )
    parser.add_argument(
        "--audio", metavar="FOLDER", help="songs, for the robustness that --all measures"
    )


def run(arguments: argparse.Namespace) -> dict[str, str | int]:
    """``python -m train reproduce``: runs the steps; if it is interrupted, the next run goes on.

    Raises
    ------
    DataError
        If a step fails; it has then printed why.
    """
    splits.load_split(
        arguments.data, "training"
    )  # a wrong folder is refused now, not after an hour
    steps = plan(
        arguments.data,
        arguments.output,
        everything=arguments.all,
        epochs=arguments.epochs,
        audio=arguments.audio,
        test=arrays.split_path(Path(arguments.data), "test") is not None,
    )
    if arguments.all and arguments.audio is None:
        print("Without --audio, robustness is not measured.", file=sys.stderr)
    for number, step in enumerate(steps, start=1):
        print(f"Step {number} of {len(steps)}: {' '.join(step)}", file=sys.stderr, flush=True)
        # A process each: a step has the Keras backend that suits it.
        if _run(step, Path(arguments.output) / "evidence"):
            raise DataError(
                f"Step {number} failed, see above: mend its cause and run the command again."
            )
    return {"output": str(arguments.output), "steps": len(steps)}
