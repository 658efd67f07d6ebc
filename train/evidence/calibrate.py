"""Calibrates a network's probabilities, and chooses the confidence below which it is "not sure".

Both follow from the predictions of the folds' networks for clips of held-out artists.
"""

import argparse
from pathlib import Path

import keras

from songnet.weights.release import NETWORK_FILE, write_config
from train.errors import DataError
from train.evidence import looks, predictions
from train.evidence.confidence import (
    CORRECT_WHEN_SURE,
    abstention_threshold,
    fit_temperature,
    with_temperature,
)
from train.network.history import guess_warnings, interval, pass_history_on
from train.network.load import learned_from, load_network
from train.outputs import output_folder


def apply_temperature(network: keras.Model, temperature: float) -> None:
    """Divides a network's logits by a temperature, in the weights of its last layer.

    Parameters
    ----------
    network : keras.Model
        As `songnet.model.build_songnet` makes it. Its probabilities change, its ranking does not.
    temperature : float > 0
    """
    last = network.get_layer("probabilities")
    last.set_weights([weights / temperature for weights in last.get_weights()])


def calibrate(
    model: str | Path, runs: list[predictions.Evidence], output: str | Path
) -> dict[str, float]:
    """Gives a network the temperature and the threshold that fit predictions of such networks.

    Writes ``songnet.keras`` with the temperature in its weights, and ``config.json`` with the
    threshold, `abstain_below`, from which `train.release.export` takes it.

    Parameters
    ----------
    model : path of a `.keras` file that `train.network.fit.fit` wrote
    runs : list of Evidence
        Predictions of networks that were trained alike and not calibrated, for clips that they
        were not trained on: the folds'.
    output : path of a folder, made where it does not exist

    Returns
    -------
    dict
        ``temperature`` and ``abstain_below``.

    Raises
    ------
    DataError
        If the model cannot be loaded, the predictions are for other genres, or `output` cannot be
        written.
    """
    network = load_network(model)
    origin = learned_from(model, network)
    for run in runs:
        if run.genres != origin.genres:
            raise DataError(
                f"{model} knows the genres {', '.join(origin.genres)}, and the evidence has "
                f"{', '.join(run.genres)}: give predictions of networks that know the same."
            )
    output = output_folder(output)
    all_runs = predictions.joined(runs)
    temperature = fit_temperature(all_runs.probabilities, all_runs.label)
    calibrated = with_temperature(all_runs.probabilities, temperature)
    found = {
        "temperature": temperature,
        "abstain_below": abstention_threshold(calibrated, all_runs.label),
    }
    apply_temperature(network, temperature)
    network.save(output / NETWORK_FILE)
    pass_history_on(model, output)
    write_config(output, origin.to_json() | found)
    return found


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of ``python -m train calibrate``."""
    parser.add_argument("--model", default="runs/songnet/songnet.keras", help="%(default)s")
    parser.add_argument(
        "--evidence",
        nargs="+",
        required=True,
        metavar="CSV",
        help="predictions of such networks for clips that they were not trained on, by `evaluate`",
    )
    parser.add_argument("--output", default="runs/calibrated", metavar="DIR", help="%(default)s")


def run(arguments: argparse.Namespace) -> dict[str, float | str]:
    """``python -m train calibrate``: calibrates, and returns what ``--json`` prints."""
    runs = [looks.read_to_choose(path) for path in arguments.evidence]
    found = calibrate(arguments.model, runs, arguments.output)
    warning = " ".join(warnings(predictions.joined(runs), found["abstain_below"]))
    return found | {"output": arguments.output, "warning": warning}


def warnings(given: predictions.Evidence, abstain_below: float) -> list[str]:
    """What should be known of a calibration on too few clips, a sentence each.

    Parameters
    ----------
    given : Evidence
        What it was calibrated on.
    abstain_below : float, 0..1

    Returns
    -------
    list of str
    """
    share, clips = float(given.correct.mean()), len(given.label)
    found = guess_warnings(share, given.label, "clips")
    right = interval(share, clips)
    if abstain_below == 0 and right.low <= CORRECT_WHEN_SURE:
        found.append(
            f'It will never be "not sure", which too few clips say: of {clips} it recognises '
            f"{share:.0%} (95 % interval: {right.low:.0%} to {right.high:.0%}), and "
            f"{CORRECT_WHEN_SURE:.0%} are asked for. Give --evidence of more clips."
        )
    return found


def show(result: dict[str, float | str]) -> None:
    """Prints the result, and what should be known of it."""
    for key, value in result.items():
        if key != "warning":
            print(f"{key}: {value}")
    if result["warning"]:
        print(f"Beware: {result['warning']}")
