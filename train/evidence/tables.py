"""The figures of `metrics.json` as Markdown: tables, and the sentences that go with them."""

from collections.abc import Iterator

from songnet.weights.metrics import (
    Answered,
    ClipsRobustness,
    Figures,
    Interval,
    Metrics,
    Robustness,
    SpectrogramsRobustness,
    Steadiness,
    TotalSteadiness,
)
from train import markdown
from train.evidence.before_after import CLOSE
from train.evidence.comparison import NAMES
from train.evidence.metrics import FIGURES

_FIGURES = ("Split", "Model", "Accuracy (95 % interval)", "Macro-F1", "Log loss", "ECE", "Seeds")


def figures_table(metrics: Metrics) -> str:
    """The figures of all models by protocol, the most accurate first, as a Markdown table."""
    rows = []
    for name, protocol in metrics["protocols"].items():
        where = f"{name}, {protocol['split']}: {protocol['clips']} clips"
        where += f" of {protocol['artists']} artists"
        models = sorted(protocol["models"].items(), key=lambda item: -item[1]["accuracy"]["mean"])
        for model, figures in models:
            accuracy = figures["accuracy"]
            low, high = _percent(accuracy["low"]), _percent(accuracy["high"])
            rows.append(
                [
                    where,
                    NAMES.get(model, model),
                    f"{_percent(accuracy['mean'])} % ({low} to {high})",
                    f"{_percent(figures['macro_f1']['mean'])} %",
                    f"{figures['log_loss']['mean']:.3f}",
                    f"{figures['ece']['mean']:.3f}",
                    str(len(accuracy["seeds"])),
                ]
            )
    return markdown.table(_FIGURES, rows)


def figures_text(clips: int, artists: int, figures: Figures) -> str:
    """The figures of one model on one set of clips, one on each line, for a terminal."""
    lines = [f"{clips} clips of {artists} artists; in brackets: 95 % intervals"]
    for name in FIGURES:
        mean, low, high = (figures[name]["mean"], figures[name]["low"], figures[name]["high"])
        lines.append(f"{name:18} {mean:.3f} ({low:.3f} to {high:.3f})")
    return "\n".join(lines)


def answers_sentence(answered: Answered) -> str:
    """A sentence: what share of clips SongNet answers, and what share of the answers is correct."""
    if answered["accuracy"] is None:
        return "SongNet says “not sure” of all its clips."
    return (
        f"Of its clips SongNet answers {_percent(answered['share'])} %, and "
        f"{_percent(answered['accuracy'])} % of these answers are right; of the others it says "
        "“not sure”."
    )


def robustness_tables(robustness: Robustness) -> str:
    """Tables for audio files and for each split's spectrograms, and a sentence for each source."""
    parts = [_clips_table(robustness["clips"])]
    parts += [_split_table(name, split) for name, split in robustness["spectrograms"].items()]
    for source, clips in robustness["clips"].items():
        total = clips["total"]
        if total["same_genre"] < 1:
            parts.append(
                f"Of all {total['pairs']} pairs of {source} clips "
                f"{_percent(1 - total['same_genre'])} % change their genre, "
                f"{_percent(total['close_flips'])} % where it led by less than "
                f"{100 * CLOSE:.0f} points."
            )
    return "\n\n".join(parts)


def _clips_table(by_source: dict[str, ClipsRobustness]) -> str:
    header = ["Change"]
    for source, clips in by_source.items():
        what = f"{clips['clips']} {source} clips"
        header += [f"{what}: same genre", f"{what}: mean distance (largest)"]
    sources = list(by_source.values())
    rows = []
    for change in sources[0]["changes"]:
        cells = (cell for clips in sources for cell in _cells(clips["changes"][change]))
        rows.append([change, *cells])
    everything = [cell for clips in sources for cell in _total_cells(clips, clips["total"])]
    rows.append(["**all**", *everything])
    unclipped = [cell for clips in sources for cell in _total_cells(clips, clips["unclipped"])]
    rows.append(["all but what was clipped", *unclipped])
    return markdown.table(header, rows)


def _cells(figures: Steadiness) -> Iterator[str]:
    yield f"{_percent(figures['same_genre'])} %"
    yield f"{figures['distance']:.3f} ({figures['largest_distance']:.3f})"


def _total_cells(clips: ClipsRobustness, total: TotalSteadiness) -> Iterator[str]:
    """The cells of a total: as from `_cells`, with intervals if there are artists to resample."""
    same_genre, distance = _cells(total)
    if clips["artists"] > 1:
        low, high = map(_percent, total["same_genre_interval"])
        same_genre += f" ({low} to {high})"
    yield from (same_genre, distance)


def _split_table(split: str, figures: SpectrogramsRobustness) -> str:
    accuracy = f"{_percent(figures['accuracy'])} % right unchanged"
    what = f"{figures['clips']} {split} clips, {accuracy}"
    rows = [
        [
            name,
            f"{_percent(change['same_genre'])} %",
            f"{change['distance']:.3f}",
            _points(change["difference"]),
        ]
        for name, change in figures["changes"].items()
    ]
    return markdown.table([what, "Same genre", "Mean distance", "Accuracy, points"], rows)


def _percent(share: float) -> str:
    return f"{100 * share:.1f}"


def _points(difference: Interval) -> str:
    mean, low, high = (
        f"{100 * value:+.1f}"
        for value in (difference["mean"], difference["low"], difference["high"])
    )
    return f"{mean} ({low} to {high})"
