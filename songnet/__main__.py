"""``python -m songnet``: classifies files and folders of music."""

import argparse
import csv
import json
import sys
from collections.abc import Iterator
from pathlib import Path

from tqdm import tqdm

from songnet import audio
from songnet.classifier import Classifier
from songnet.errors import AudioError, WeightsError
from songnet.prediction import table_columns, table_row


def main(argv: list[str] | None = None) -> int:
    """Classifies what the command line names.

    Results go to standard output (or the CSV file), progress and failures to standard error.

    Parameters
    ----------
    argv : list of str, or None for the process's arguments

    Returns
    -------
    int
        0 if every file worked, 1 if some failed. Wrong usage exits with 2.
    """
    arguments = _parser().parse_args(argv)
    try:
        classifier = Classifier.load(hub=arguments.hub)
    except WeightsError as error:
        print(f"songnet: {error}", file=sys.stderr)
        return 1
    files = [found for name in arguments.paths for found in _files_of(Path(name))]
    progress = tqdm(files, unit="file", file=sys.stderr, disable=len(files) < 2, leave=False)
    answers = (_classify(classifier, path, name) for path, name in progress)
    if arguments.csv:
        return _write_csv(answers, arguments.csv, classifier.genres)
    return _print(answers, as_json=arguments.json)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m songnet",
        description="Says which genre each song is.",
        epilog="Exit status: 0 if every file worked, 1 if some failed, 2 on wrong usage.",
    )
    parser.add_argument("paths", nargs="+", metavar="FILE_OR_FOLDER")
    output = parser.add_mutually_exclusive_group()
    output.add_argument("--json", action="store_true", help="one JSON object a line")
    output.add_argument("--csv", metavar="OUT", help="write a table to this file")
    parser.add_argument(
        "--hub", metavar="REPO@REVISION", help="take the weights from this Hub repository"
    )
    return parser


def _files_of(path: Path) -> Iterator[tuple[Path, str]]:
    """Each file that an argument stands for, with the name that it has in the results."""
    if not path.is_dir():
        yield path, path.name
        return
    songs = sorted(p for p in path.rglob("*") if p.suffix.lower() in audio.SUFFIXES)
    for song in songs:
        yield song, song.relative_to(path).as_posix()
    if not songs:
        yield path, path.name


def _classify(classifier: Classifier, path: Path, name: str) -> dict:
    try:
        return classifier.classify(path).to_json() | {"file": name}
    except AudioError as error:
        return {"file": name, "error": str(error)}


def _print(answers: Iterator[dict], *, as_json: bool) -> int:
    failed = False
    for answer in answers:
        failed |= "error" in answer
        if as_json:
            tqdm.write(json.dumps(answer, ensure_ascii=False), file=sys.stdout)
        elif "error" in answer:
            tqdm.write(f"songnet: {answer['error']}", file=sys.stderr)
        else:
            tqdm.write(_line(answer), file=sys.stdout)
        sys.stdout.flush()
    return int(failed)


def _line(answer: dict) -> str:
    ranked = sorted(answer["probabilities"].items(), key=lambda item: -item[1])
    verdict = "not sure" if answer["abstained"] else answer["genre"]
    best = ", ".join(f"{genre} {100 * probability:.0f} %" for genre, probability in ranked[:3])
    return f"{answer['file']}: {verdict} ({best})"


def _write_csv(answers: Iterator[dict], path: str, genres: tuple[str, ...]) -> int:
    failed = False
    try:
        file = open(path, "w", newline="", encoding="utf-8")  # noqa: SIM115 (it is closed below)
    except OSError as error:
        print(f"songnet: {path} cannot be written: {error.strerror}.", file=sys.stderr)
        return 1
    with file:
        writer = csv.DictWriter(file, table_columns(genres))
        writer.writeheader()
        for answer in answers:
            failed |= "error" in answer
            if "error" in answer:
                tqdm.write(f"songnet: {answer['error']}", file=sys.stderr)
            writer.writerow(table_row(answer))
            file.flush()
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
