"""Where the weights come from: the files in `artifacts/`, a given folder, or a Hub repository."""

import hashlib
import json
import os
from dataclasses import dataclass
from pathlib import Path

from songnet.errors import WeightsError

EMBEDDED = Path(__file__).resolve().parent.parent / "artifacts"

_REPOSITORY_VARIABLE = "SONGNET_HUB_REPO"
_REVISION_VARIABLE = "SONGNET_HUB_REVISION"


@dataclass(frozen=True)
class Weights:
    """A network that is ready to run, with what it says of itself.

    Attributes
    ----------
    tflite : bytes
        The TensorFlow Lite file.
    config : dict
        Its `config.json`: ``version``, ``genres``, ``abstain_below``, ``files``, ...
    source : str
        Where it was found, for people to read.
    """

    tflite: bytes
    config: dict
    source: str

    @property
    def sha256(self) -> str:
        """Of the TensorFlow Lite file: 64 hexadecimal digits."""
        return hashlib.sha256(self.tflite).hexdigest()


def load_weights(folder: str | Path | None = None, hub: str | None = None) -> Weights:
    """Finds the weights and checks them against the SHA-256 in their `config.json`.

    The first of these that is given counts: `folder`; `hub`; the environment's
    ``SONGNET_HUB_REPO`` with ``SONGNET_HUB_REVISION``; the files that come with the project.

    Parameters
    ----------
    folder : path of a folder with `songnet.tflite` and `config.json`, or None
    hub : str or None
        ``"OWNER/NAME@REVISION"``; without the revision, ``main``.

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
    hub = hub or _hub_from_environment()
    if hub is None:
        return _from_folder(EMBEDDED, "embedded in this installation")
    repository, _, revision = hub.partition("@")
    return _from_hub(repository, revision or "main")


def _hub_from_environment() -> str | None:
    repository = os.environ.get(_REPOSITORY_VARIABLE)
    revision = os.environ.get(_REVISION_VARIABLE)
    return "@".join(filter(None, [repository, revision])) if repository else None


def _from_hub(repository: str, revision: str) -> Weights:
    # Imported here: it takes longer than classifying a song does, and most runs do without.
    from huggingface_hub import hf_hub_download
    from huggingface_hub.errors import HfHubHTTPError, HFValidationError, LocalEntryNotFoundError

    where = f"{repository}@{revision}"
    try:
        for name in ("config.json", "songnet.tflite"):
            path = hf_hub_download(repository, name, revision=revision)
    except HFValidationError as error:
        raise WeightsError(f"{where} is no Hub repository: write OWNER/NAME@REVISION.") from error
    except (HfHubHTTPError, LocalEntryNotFoundError, OSError) as error:
        raise WeightsError(
            f"The weights {where} cannot be had from the Hub ({type(error).__name__}): check the "
            "name and the network, or leave out the Hub to use the embedded weights."
        ) from error
    return _from_folder(Path(path).parent, f"Hugging Face Hub, {where}")


def _from_folder(folder: Path, source: str) -> Weights:
    try:
        config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
        tflite = (folder / "songnet.tflite").read_bytes()
        expected = config["files"]["songnet.tflite"]["sha256"]
    except OSError as error:
        raise WeightsError(
            f"{error.filename} cannot be read: weights are a folder with songnet.tflite and "
            "config.json."
        ) from error
    except (ValueError, KeyError, TypeError) as error:
        raise WeightsError(f"{folder / 'config.json'} is not SongNet's: {error!r}.") from error
    weights = Weights(tflite, config, source)
    if weights.sha256 != expected:
        raise WeightsError(
            f"songnet.tflite in {folder} is damaged: its SHA-256 is {weights.sha256[:12]}..., and "
            f"config.json says {expected[:12]}.... Download it again."
        )
    return weights
