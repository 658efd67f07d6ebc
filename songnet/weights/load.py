"""Loads the weights from a given folder, a Hub repository, or the files of this package."""

import logging
from importlib import resources
from pathlib import Path

from songnet.errors import HubUnreachableError, WeightsError
from songnet.weights.release import (
    CONFIG_FILE,
    INDEX,
    MODEL_FILE,
    ReleaseConfig,
    Weights,
    read_file,
)

_PACKAGE = Path(str(resources.files("songnet")))
_INSTALLED, _CHECKED_OUT = _PACKAGE / "weights" / "embedded", _PACKAGE.parent / "artifacts"
EMBEDDED = _INSTALLED if _INSTALLED.is_dir() else _CHECKED_OUT

_log = logging.getLogger(__name__)


def load_weights(
    folder: str | Path | None = None, hub: str | None = None, *, or_embedded: bool = True
) -> Weights:
    """Finds the weights and checks them against the SHA-256 in their `config.json`.

    They are taken from `folder` if it is given, else from `hub` if that is given, else from the
    files of this package. If the Hub cannot be reached, the files that were downloaded earlier are
    used, or else, with a warning, those of this package.

    Parameters
    ----------
    folder : path of a folder with `songnet.tflite` and `config.json`, or None
    hub : str or None
        ``"OWNER/NAME@REVISION"``, where a full commit hash is the revision that always means the
        same files. Without a revision, the branch ``main`` is used, with a warning.
    or_embedded : bool
        Whether the files of this package serve where those of `hub` cannot be had for now.

    Returns
    -------
    Weights

    Raises
    ------
    WeightsError
        If a file is missing, cannot be downloaded, or is not the one that `config.json` names.
    """
    if folder is not None:
        return _from_folder(Path(folder), str(folder))
    if not hub:
        return _from_folder(EMBEDDED, "embedded in this installation")
    repository, _, revision = hub.partition("@")
    return _from_hub(repository, revision or "main", or_embedded)


def stored_config(folder: str | Path | None = None, hub: str | None = None) -> ReleaseConfig | None:
    """Reads the `config.json` of the weights that are here for these arguments.

    Parameters
    ----------
    folder, hub
        As for `load_weights`.

    Returns
    -------
    ReleaseConfig or None
        None where the weights of `hub` were not downloaded yet.

    Raises
    ------
    WeightsError
        If the file is missing or not SongNet's.
    """
    if folder is not None or not hub:
        return ReleaseConfig.read(EMBEDDED if folder is None else folder)
    from songnet.weights import hub as hugging_face

    repository, _, revision = hub.partition("@")
    snapshot = hugging_face.stored(repository, revision or "main")
    return None if snapshot is None else ReleaseConfig.read(snapshot.folder)


def _from_hub(repository: str, revision: str, or_embedded: bool) -> Weights:
    # Imported here: it takes longer than classifying a song does, and most runs do without.
    from songnet.weights import hub

    try:
        snapshot = hub.download(repository, revision)
    except HubUnreachableError as error:
        return _without_hub(repository, revision, str(error), or_embedded)
    source = f"Hugging Face Hub, {repository}@{snapshot.commit}"
    if not hub.is_commit(revision) and hub.is_branch(repository, revision):
        _log.warning(
            f"{repository}@{revision} is a branch and may come to mean other weights: "
            f"@{snapshot.commit} always means these."
        )
    try:
        return _from_folder(snapshot.folder, source)
    except WeightsError as damage:
        # The cache keeps a file that a bad transfer left there: it is downloaded once more.
        try:
            snapshot = hub.download(repository, snapshot.commit, again=True)
        except HubUnreachableError:
            raise damage from None
        return _from_folder(snapshot.folder, source)


def _without_hub(repository: str, revision: str, reason: str, or_embedded: bool) -> Weights:
    """The weights to use while the Hub cannot be reached: from the cache, or the embedded ones."""
    from songnet.weights import hub

    snapshot = hub.stored(repository, revision)
    if snapshot is not None:
        where = f"stored here earlier from {repository}@{snapshot.commit}"
        weights = _from_folder(snapshot.folder, f"{where} ({reason})")
    elif not or_embedded:
        raise WeightsError(
            f"The weights {repository}@{revision} are not here, and {reason}. Mend that, or take "
            "the embedded ones instead (--or-embedded)."
        )
    elif (EMBEDDED / CONFIG_FILE).is_file():
        where = f"embedded in this installation, in place of {repository}@{revision}"
        weights = _from_folder(EMBEDDED, f"{where} ({reason})")
    else:
        raise WeightsError(f"There are no weights here, and {reason}. Mend that and start again.")
    _log.warning(f"The weights in use are {weights.source}.")
    return weights


def _from_folder(folder: Path, source: str) -> Weights:
    config = ReleaseConfig.read(folder, source)
    tflite = read_file(folder, MODEL_FILE)
    if MODEL_FILE not in config.files:
        raise WeightsError(f"{CONFIG_FILE} is not SongNet's ({source}): it names no {MODEL_FILE}.")
    weights = Weights(tflite, config, source, _index(folder, config), folder)
    config.check(MODEL_FILE, tflite, source)
    if weights.index is not None:
        config.check(INDEX, weights.index, source)
    return weights


def _index(folder: Path, config: ReleaseConfig) -> bytes | None:
    """The index of tracks, if `config.json` names it: otherwise it belongs to other weights."""
    try:
        return (folder / INDEX).read_bytes() if INDEX in config.files else None
    except OSError:
        return None
