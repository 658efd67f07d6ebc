"""Writes the marked parts of the README and of the pages in `docs/` from a release's figures."""

import json
import os
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from songnet.weights import ReleaseConfig, expectations
from songnet.weights.metrics import Metrics
from songnet.weights.release import MODEL_FILE
from train.cost import size_table
from train.errors import DataError
from train.evidence import own_genres_figures
from train.evidence.comparison import sentence
from train.evidence.tables import (
    figures_table,
    genres_table,
    harder_table,
    robustness_tables,
    shipped_sentence,
    starts_table,
)
from train.markdown import has_part, with_part
from train.release.paragraphs import (
    BROWSER_FILE,
    LIBRARY_FILE,
    PAGE_FILE,
    browser_paragraph,
    hearing_part,
    library_paragraph,
    network_sentence,
    page_paragraph,
    speed_paragraph,
    wrapped,
)

# Every page that may have marked parts, seen from the folder in which the release's folder is.
PAGES = (
    "README.md",
    *("docs/accuracy.md", "docs/api.md", "docs/command-line.md", "docs/edge.md"),
    *("docs/library.md", "docs/own-genres.md", "docs/page.md"),
)
BENCHMARK_FILE = "benchmark.json"


def parts(artifacts: Path, metrics: Metrics, config: ReleaseConfig) -> dict[str, str]:
    """The contents of the pages' marked parts.

    Parameters
    ----------
    artifacts : path of the folder of a release
        Its `benchmark.json`, `evidence/page.json`, `evidence/browser.json` and
        `evidence/library.json` are read if they are there.
    metrics : Metrics
        Its figures.
    config : ReleaseConfig

    Returns
    -------
    dict of str to str
        Markdown by the name of its part, with links as they are in a page next to `artifacts`:
        ``figures``, ``answers``, ``lead``, ``genres``, ``harder`` (test against validation),
        ``sizes``, ``robustness`` and ``starts``; ``network`` and ``speed`` if the release has a
        benchmark, and ``hear`` if that has the times and the agreement of a few
        windows; ``page`` and ``browser`` if it has the waiting times of the pages; ``library``
        if it has the evidence of `python -m train library`, ``own-genres-in-short`` and
        ``own-genres`` if it has that of `python -m train own-genres`.

    Raises
    ------
    DataError
        If one of these files is not what its program writes.
    """
    result = {
        "figures": figures_table(metrics),
        "answers": _answers(metrics),
        "lead": _lead(metrics),
        "genres": genres_table(metrics),
        "harder": harder_table(metrics),
        "sizes": size_table.to_markdown(metrics.get("sizes", {})),
        "robustness": robustness_tables(metrics["robustness"]) if "robustness" in metrics else "",
        "starts": starts_table(metrics["robustness"]) if "robustness" in metrics else "",
    }
    size = config.files[MODEL_FILE].size
    tellers: dict[str, Callable[[Any], dict[str, str]]] = {
        BENCHMARK_FILE: lambda benchmark: _of_benchmark(benchmark, size),
        PAGE_FILE: lambda times: {"page": page_paragraph(times)},
        BROWSER_FILE: lambda measured: {"browser": browser_paragraph(measured)},
        LIBRARY_FILE: lambda measured: {"library": library_paragraph(measured)},
    }
    for file, tell in tellers.items():
        if (artifacts / file).is_file():
            result |= _told(artifacts / file, tell)
    if (artifacts / "evidence" / own_genres_figures.ANSWERS).is_file():
        found = own_genres_figures.figures(artifacts / "evidence")
        result["own-genres-in-short"] = wrapped(own_genres_figures.in_short(found))
        result["own-genres"] = wrapped(own_genres_figures.sentences(found))
    return result


def _told(path: Path, tell: Callable[[Any], dict[str, str]]) -> dict[str, str]:
    """What a function tells of a file of measurements; a `DataError` if it cannot."""
    try:
        return tell(json.loads(path.read_text(encoding="utf-8")))
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise DataError(
            f"{path} is not what its program writes ({error!r}): measure again."
        ) from error


def _of_benchmark(benchmark: Mapping[str, Any], size: int | None) -> dict[str, str]:
    """The parts that a benchmark fills; `size` is that of the network's file in bytes."""
    result = {"speed": speed_paragraph(benchmark)}
    if size is not None:
        result["network"] = network_sentence(size, benchmark)
    if {"hear", "few_windows"} <= benchmark.keys():
        result["hear"] = hearing_part(benchmark)
    return result


def _answers(metrics: Metrics) -> str:
    return wrapped(" ".join(expectations.sentences(metrics["protocols"]["official"])))


def _lead(metrics: Metrics) -> str:
    told = [
        f"On the {protocol['split']} part of the official split {sentence(protocol['lead'])}."
        for name, protocol in metrics["protocols"].items()
        if name.startswith("official") and "lead" in protocol
    ]
    return wrapped(" ".join([*told, shipped_sentence(metrics)]))


def filled(text: str, content: Mapping[str, str]) -> str:
    """A text with new content in those of the marked parts that it has.

    Parameters
    ----------
    text : str
    content : dict of str to str
        As `parts` returns it.

    Returns
    -------
    str

    Raises
    ------
    DataError
        If a part does not have both its marks, once each.
    """
    for name, part in content.items():
        if has_part(text, name):
            text = with_part(text, name, part)
    return text


def update(named: str | Path | None, artifacts: Path, content: Mapping[str, str]) -> None:
    """Writes the marked parts of the pages.

    Parameters
    ----------
    named : path of the one page to write, or None for those of `PAGES` that are there
    artifacts : path of the folder of a release
    content : dict of str to str
        As `parts` returns it.

    Raises
    ------
    DataError
        If the named page is missing, or has no such parts.
    """
    root = artifacts.resolve().parent
    if named:
        path = Path(named)
        if not path.is_file():
            raise DataError(f"{path} is missing: --readme names a text with marked parts.")
        if not any(has_part(path.read_text(encoding="utf-8"), name) for name in content):
            marks = ", ".join(content)
            raise DataError(f"{path} has none of the marked parts that are written: {marks}.")
    for path in [Path(named)] if named else map(root.joinpath, PAGES):
        if path.is_file():
            text = path.read_text(encoding="utf-8")
            path.write_text(filled(text, seen_from(path, root, content)), encoding="utf-8")


def seen_from(page: Path, root: Path, content: Mapping[str, str]) -> dict[str, str]:
    """The contents of parts as they are in a page, whose folder relative links start from.

    Parameters
    ----------
    page : path of the page
    root : path of the folder from which the links of `content` start
    content : dict of str to str
        As `parts` returns it.

    Returns
    -------
    dict of str to str
    """
    way = Path(os.path.relpath(root.resolve(), page.resolve().parent)).as_posix()
    start = "](" if way == "." else f"]({way}/"
    return {name: re.sub(r"\]\((?![\w+.-]+:|#)", start, part) for name, part in content.items()}
