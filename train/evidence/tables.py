"""The figures of `metrics.json` as Markdown: tables, and the sentences that go with them."""

from collections.abc import Iterator

from songnet.weights.metrics import (
    ClipsRobustness,
    Figures,
    Interval,
    LaterStart,
    Metrics,
    ModelFigures,
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
        where = f"{_without_split(name)}, {protocol['split']}: {protocol['clips']} clips"
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


def shipped_sentence(metrics: Metrics) -> str:
    """The accuracy of the shipped network itself; empty where the figures are of one seed alone."""
    official = metrics["protocols"]["official"]
    shipped, *others = official["models"]["songnet"]["accuracy"]["seeds"]
    if not others:
        return ""
    return (
        f"The shipped network, that of the first of {1 + len(others)} seeds, is right for "
        f"{_percent(shipped)} % of the {official['split']} clips."
    )


def _without_split(name: str) -> str:
    """A protocol's name without the split's, which that of its second split in the figures has."""
    return name.partition("-")[0]


def genres_table(metrics: Metrics) -> str:
    """How much of each genre SongNet finds, by protocol, and of how many artists, as Markdown.

    The least found comes first; empty where the figures name no genres' clips. Random splits, of
    which artists are on both sides, are left out.
    """
    shown = {
        f"{_without_split(name)}, {protocol['split']}": protocol
        for name, protocol in metrics["protocols"].items()
        if name != "random" and "genres" in protocol and "songnet" in protocol["models"]
    }
    if not shown:
        return ""
    first = next(iter(shown.values()))
    recall = first["models"]["songnet"]["recall"]
    header = ["Genre"]
    for where in shown:
        header += [f"{where}: found", "artists (most clips of one)"]
    rows = []
    for genre in sorted(recall, key=lambda genre: recall[genre] or 0.0):
        row = [genre]
        for protocol in shown.values():
            row.append(_found(protocol["models"]["songnet"], genre))
            clips = protocol.get("genres", {})[genre]
            row.append(f"{clips['artists']} ({clips['most_of_one']} of {clips['clips']})")
        rows.append(row)
    return markdown.table(header, rows)


def _found(songnet: ModelFigures, genre: str) -> str:
    share = songnet["recall"][genre]
    if share is None:
        return "no clips"
    low, high = (f"{100 * end:.0f}" for end in songnet.get("recall_interval", {})[genre])
    return f"{100 * share:.0f} % ({low} to {high})"


def harder_table(metrics: Metrics) -> str:
    """How much harder the test split is than validation, for each model, as Markdown.

    Empty where not both were measured.
    """
    protocols = metrics["protocols"]
    if "official-validation" not in protocols:
        return ""
    test, validation = (protocols[name]["models"] for name in ("official", "official-validation"))
    both = sorted(
        (model for model in test if model in validation and model != "random"),
        key=lambda model: -test[model]["accuracy"]["mean"],
    )
    rows = []
    for model in both:
        before, after = (split[model]["accuracy"]["mean"] for split in (validation, test))
        difference = f"{100 * (after - before):+.1f}"
        rows.append(
            [
                NAMES.get(model, model),
                f"{_percent(before)} %",
                f"{_percent(after)} %",
                difference,
            ]
        )
    return markdown.table(["Model", "Validation", "Test", "Points"], rows)


def starts_table(robustness: Robustness) -> str:
    """How steady the answers are when a song starts later, as Markdown; empty if not measured."""
    starts = robustness.get("starts", {})
    if not starts:
        return ""
    clips = robustness["clips"]["real"]
    rows = []
    for change, excerpts in starts.items():
        whole = clips["changes"].get(change)
        cells = ["", ""]
        if whole is not None and "answered" in whole:
            answered = whole["answered"]
            cells = [_of(whole["same_genre"], whole["pairs"])]
            cells.append(_of(answered["same_genre"], answered["pairs"]))
        rows.append([change, *cells, *_excerpts_cells(excerpts)])
    of = f"{clips['clips']} real clips"
    excerpts = "excerpts of them"
    header = [f"{of}: same genre", "of those answered", f"{excerpts}: same genre"]
    return markdown.table(["Change", *header, "of those answered"], rows)


def _of(share: float | None, count: int) -> str:
    return "" if share is None else f"{_percent(share)} % of {count}"


def _excerpts_cells(found: LaterStart) -> tuple[str, str]:
    low, high = map(_percent, found["same_genre_interval"])
    everything = f"{_of(found['same_genre'], found['pairs'])} ({low} to {high})"
    if found["answered_same_genre"] is None or "answered_interval" not in found:
        return everything, ""
    low, high = map(_percent, found["answered_interval"])
    return everything, f"{_of(found['answered_same_genre'], found['answered'])} ({low} to {high})"


def figures_text(clips: int, artists: int, figures: Figures) -> str:
    """The figures of one model on one set of clips, one on each line, for a terminal."""
    lines = [f"{clips} clips of {artists} artists; in brackets: 95 % intervals"]
    for name in FIGURES:
        mean, low, high = (figures[name]["mean"], figures[name]["low"], figures[name]["high"])
        lines.append(f"{name:18} {mean:.3f} ({low:.3f} to {high:.3f})")
    return "\n".join(lines)


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
