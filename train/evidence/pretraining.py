"""What pretraining without labels is worth, the fewer clips have labels the more perhaps.

On folds by artist: a network learns what the teachers say of all training clips of the fold, whose
genres it is not told; then it is taught by the labels of some artists' clips alone, and asked for
the clips of the artists held out, of whom it has heard nothing. Beside it the same recipe from
scratch, to which the clips without labels are not given. Both have the teachers' embeddings of the
labelled clips, as the recipe says.
"""

import argparse
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from tqdm import tqdm

from songnet.weights.release import NETWORK_FILE
from train.data.splits import N_FOLDS, Split, load_split
from train.data.unlabelled import without_labels
from train.errors import DataError
from train.evidence import predictions
from train.evidence.evaluate import evidence_of, predict
from train.evidence.experiment_options import add_shared
from train.evidence.label_shares import labelled
from train.evidence.names import EvidenceName
from train.evidence.predictions import Evidence
from train.evidence.pretraining_figures import (
    ARTISTS,
    NETWORKS,
    SHARES,
    figures,
    read,
    text,
    with_text,
    write,
)
from train.network.fit import fit
from train.network.load import load_network
from train.network.pretrain import Pretrained, pretrain
from train.network.recipe import Recipe
from train.outputs import output_folder


@dataclass(frozen=True)
class Fold:
    """The three parts of a fold, and where its networks are kept."""

    number: int
    training: Split
    validation: Split
    test: Split
    folder: Path

    @classmethod
    def load(cls, data: str | Path, number: int, networks: str | Path) -> "Fold":
        """Reads the parts."""
        parts = {
            name: load_split(data, name, protocol="folds", fold=number)
            for name in ("training", "validation", "test")
        }
        return cls(number=number, **parts, folder=Path(networks) / f"fold{number}")


def compare(
    fold: Fold, share: float, evidence: Path, recipe: Recipe = Recipe()
) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """Teaches a pretrained network and one from scratch by a share of a fold's labels.

    Where they were stopped, they go on.

    Parameters
    ----------
    fold : Fold
    share : float, 0..1
        About which share of the training clips have labels, by artist.
    evidence : path of a folder
        If it has the predictions of the fold's own network, which learned from all labels, they
        are taken in place of one more network from scratch.
    recipe : Recipe

    Returns
    -------
    dict
        A row of the table `NETWORKS`.
    list of dict
        The rows of the table `ARTISTS`.
    """
    clips = without_labels(fold.training)
    before = pretrain(
        clips, fold.folder / "pretrained", recipe=recipe, seed=fold.number, resume=True
    )
    taught = labelled(fold.training, share, seed=fold.number)
    pretrained, steps = _answers(fold, taught, share, recipe, before)
    known = (
        evidence
        / EvidenceName(protocol="folds", split="test", model="songnet", number=fold.number).file
    )
    if share == 1.0 and known.is_file():
        scratch = predictions.read(known)
    else:
        scratch, _ = _answers(fold, taught, share, recipe, None)
    network = {
        "fold": fold.number,
        "share": share,
        "labelled_clips": len(taught),
        "labelled_artists": len(np.unique(taught.artist_groups)),
        "steps": steps,
        "unlabelled_clips": len(clips),
        "pretraining_steps": before.steps,
    }
    return network, _by_artist(fold, share, scratch, pretrained)


def _answers(
    fold: Fold, taught: Split, share: float, recipe: Recipe, pretrained: Pretrained | None
) -> tuple[Evidence, int]:
    """What a network says of the held-out clips, and the number of steps in which it was taught."""
    start = "scratch" if pretrained is None else "pretrained"
    output = fold.folder / f"{start}-{100 * share:g}"
    history = fit(
        taught,
        fold.validation,
        output,
        recipe=recipe,
        pretrained=pretrained,
        seed=fold.number,
        resume=True,
    )
    steps = sum(epoch.get("steps", 0) for epoch in history)
    network = load_network(output / NETWORK_FILE)
    return evidence_of(fold.test, predict(network, fold.test.log_mel)), steps


def _by_artist(
    fold: Fold, share: float, scratch: Evidence, pretrained: Evidence
) -> list[dict[str, Any]]:
    """Counts the right answers and adds up the log loss for each artist who is held out."""
    groups = fold.test.artist_groups
    counted: dict[str, np.ndarray] = {"clips": np.ones(len(groups))}
    for start, found in (("scratch", scratch), ("pretrained", pretrained)):
        of_label = found.probabilities[np.arange(len(groups)), found.label]
        counted[f"{start}_right"] = found.correct.astype(float)
        counted[f"{start}_log_loss"] = -np.log(np.maximum(of_label, 1e-5))
    return [
        {"fold": fold.number, "share": share, "artist_id": int(artist)}
        | {name: float(values[groups == artist].sum()) for name, values in counted.items()}
        for artist in np.unique(groups)
    ]


def experiment(
    data: str | Path,
    networks: str | Path,
    output: str | Path,
    *,
    folds: int = N_FOLDS,
    shares: tuple[float, ...] = SHARES,
    recipe: Recipe = Recipe(),
) -> None:
    """Makes the evidence, a fold and share at a time; what is there already is not made again.

    What cannot be trained is left out, with a sentence on standard error.

    Parameters
    ----------
    data : path of a data set with teachers
    networks : path of a folder
        The networks are kept there: an interrupted training goes on.
    output : path of a folder
    folds : int, 1..5
        How many of the folds are held out in turn.
    shares : tuple of float, 0..1
    recipe : Recipe

    Raises
    ------
    DataError
        If the data set cannot be read, or `output` cannot be written.
    """
    output = output_folder(output)
    # Those of the artists are written first: a pair is done once it has a row in the other table.
    rows = {name: read(output / name) for name in (ARTISTS, NETWORKS)}
    done = {(row["fold"], row["share"]) for row in rows[NETWORKS]}
    rows[ARTISTS] = [row for row in rows[ARTISTS] if (row["fold"], row["share"]) in done]
    missing = {(fold, share) for fold in range(folds) for share in shares} - done
    # All labels take the longest, and come last.
    ordered = sorted(missing, key=lambda pair: (pair[1] == 1.0, pair))
    for number, share in tqdm(ordered, unit="pair"):
        fold = Fold.load(data, number, networks)
        try:
            network, artists = compare(fold, share, output, recipe)
        except DataError as error:
            # The smallest share of a fold may have too few artists of a genre to learn from.
            left_out = f"Fold {number}, {share:.0%} of the labels, is left out: {error}"
            tqdm.write(left_out, file=sys.stderr)
            continue
        rows[NETWORKS].append(network)
        rows[ARTISTS] += artists
        for name, table in rows.items():
            write(output / name, table)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of ``python -m train pretraining``."""
    add_shared(parser, networks="runs/pretraining")
    parser.add_argument(
        "--page", default="train/EXPERIMENTS.md", metavar="FILE", help="%(default)s"
    )
    parser.add_argument(
        "--folds",
        type=int,
        default=N_FOLDS,
        choices=range(1, N_FOLDS + 1),
        help="how many are held out in turn; %(default)s",
    )
    parser.add_argument(
        "--shares",
        type=float,
        nargs="+",
        default=SHARES,
        choices=SHARES,
        help="of the clips that have labels; all four",
    )


def run(arguments: argparse.Namespace) -> dict[str, Any]:
    """``python -m train pretraining``: measures, and returns what ``--json`` prints."""
    if arguments.data is not None:
        experiment(
            arguments.data,
            arguments.networks,
            arguments.output,
            folds=arguments.folds,
            shares=tuple(arguments.shares),
            recipe=Recipe().of_epochs(arguments.epochs),
        )
    found = figures(arguments.output)
    page = Path(arguments.page)
    page.write_text(with_text(page.read_text(encoding="utf-8"), found), encoding="utf-8")
    return found


def show(result: dict[str, Any]) -> None:
    """Prints the figures as Markdown."""
    print(text(result))
