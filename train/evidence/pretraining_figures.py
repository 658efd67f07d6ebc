"""What follows from the evidence of `train.evidence.pretraining`, and its passage in the page."""

import csv
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from train.data.csv_rows import rows_of
from train.errors import DataError
from train.evidence import metrics
from train.markdown import table, with_part

# A row for each network that was pretrained and taught; a row for each artist held out from it.
NETWORKS, ARTISTS = "pretraining-networks.csv", "pretraining.csv"
SHARES = (0.05, 0.1, 0.3, 1.0)
STARTS = ("scratch", "pretrained")
_NETWORK = (
    *("fold", "share", "labelled_clips", "labelled_artists", "steps"),
    *("unlabelled_clips", "pretraining_steps"),
)
_ARTIST = (
    *("fold", "share", "artist_id", "clips"),
    *(f"{start}_{figure}" for start in STARTS for figure in ("right", "log_loss")),
)
_COLUMNS = {NETWORKS: _NETWORK, ARTISTS: _ARTIST}


def write(path: Path, rows: Sequence[dict[str, Any]]) -> None:
    """Writes one of the two tables; its name says which."""
    with path.open("w", newline="", encoding="utf-8") as file:
        written = csv.DictWriter(file, _COLUMNS[path.name], lineterminator="\n")
        written.writeheader()
        written.writerows({key: f"{value:.6g}" for key, value in row.items()} for row in rows)


def read(path: Path) -> list[dict[str, Any]]:
    """Reads what `write` wrote, as numbers; empty where there is no such file.

    Raises
    ------
    DataError
        If it is not such a table.
    """
    if not path.is_file():
        return []
    with rows_of(path, "of the networks that were pretrained", _COLUMNS[path.name]) as rows:
        return [{key: float(value) for key, value in row.items()} for row in rows]


def figures(folder: str | Path) -> dict[str, Any]:
    """Computes the figures of each share of labels.

    Parameters
    ----------
    folder : path of a folder of evidence

    Returns
    -------
    dict of str to dict
        By share, such as ``"0.05"``: ``folds``, ``clips`` and ``artists`` that were asked for; the
        means over folds of the columns of `NETWORKS`; and for ``scratch``, ``pretrained`` and
        their ``difference`` the ``accuracy`` with ``low`` and ``high`` (95 %, resampling artists,
        the same ones of both) and the ``log_loss``.

    Raises
    ------
    DataError
        If there is no evidence, or it cannot be read.
    """
    networks, artists = (read(Path(folder) / name) for name in (NETWORKS, ARTISTS))
    if not networks:
        raise DataError(
            f"There is no evidence of pretraining in {folder}: make it with --data, which names a "
            "folder of splits with teachers."
        )
    return {
        f"{share:g}": _of_share(
            [row for row in networks if row["share"] == share],
            [row for row in artists if row["share"] == share],
        )
        for share in sorted({row["share"] for row in networks})
    }


def _of_share(networks: list[dict[str, Any]], artists: list[dict[str, Any]]) -> dict[str, Any]:
    column = {key: np.array([row[key] for row in artists]) for key in _ARTIST}
    clips = column["clips"]
    weights = metrics.artist_weights(np.arange(len(clips)), metrics.RESAMPLES, seed=0)
    scratch, pretrained = (column[f"{start}_right"] for start in STARTS)
    right = {"scratch": scratch, "pretrained": pretrained, "difference": pretrained - scratch}
    lost = {start: column[f"{start}_log_loss"] for start in STARTS}
    lost["difference"] = lost["pretrained"] - lost["scratch"]
    found: dict[str, Any] = {
        "folds": len(networks),
        "clips": int(clips.sum()),
        "artists": len(clips),
        **{key: float(np.mean([row[key] for row in networks])) for key in _NETWORK[2:]},
    }
    for name in right:
        low, high = np.percentile(weights @ right[name] / (weights @ clips), [2.5, 97.5])
        found[name] = {
            "accuracy": float(right[name].sum() / clips.sum()),
            "low": float(low),
            "high": float(high),
            "log_loss": float(lost[name].sum() / clips.sum()),
        }
    return found


def text(result: dict[str, Any]) -> str:
    """The figures as Markdown: a table, and below it what was run."""
    header = (
        *("labels", "clips that have them, by artists", "folds", "from scratch, %"),
        *("pretrained, %", "difference, points", "log loss, each", "steps"),
    )
    return table(header, [_row(share, found) for share, found in result.items()])


def _row(share: str, found: dict[str, Any]) -> list[str]:
    difference, steps = found["difference"], found["steps"]
    sure = difference["low"] > 0 or difference["high"] < 0
    gain = f"{100 * difference['accuracy']:+.1f}"
    return [
        f"{float(share):.0%}",
        f"{found['labelled_clips']:,.0f}, {found['labelled_artists']:,.0f}",
        f"{found['folds']}: {found['clips']:,} clips",
        *(_accuracy(found[start]) for start in STARTS),
        f"{f'**{gain}**' if sure else gain} "
        f"({100 * difference['low']:+.1f} to {100 * difference['high']:+.1f})",
        ", ".join(f"{found[start]['log_loss']:.3f}" for start in STARTS),
        f"{steps:,.0f}, {found['pretraining_steps']:,.0f} + {steps:,.0f}",
    ]


def _accuracy(found: dict[str, float]) -> str:
    mean, low, high = (100 * found[key] for key in ("accuracy", "low", "high"))
    return f"{mean:.1f} ({low:.1f} to {high:.1f})"


def with_text(page: str, result: dict[str, Any]) -> str:
    """The page's text with the figures between its marks."""
    return with_part(page, "pretraining", text(result))
