"""VGGish, which Google taught on YouTube-8M, in the port of torchvggish.

torchvggish's patches are computed by Google's own code, as the network learned from them, and its
weights are Google's. They are downloaded when they are needed first.
"""

from pathlib import Path
from typing import ClassVar

import numpy as np
import platformdirs

from train.errors import DataError
from train.teachers.teacher import Teacher, check_installed, check_weights, package

_FILE = "vggish-10086976.pth"
_URL = f"https://github.com/harritaylor/torchvggish/releases/download/v0.1/{_FILE}"


class Vggish(Teacher):
    """VGGish: the 128 numbers of its last layer, without the quantisation of AudioSet."""

    name = "vggish"
    title = "VGGish, which learned from YouTube-8M"
    license = "Apache-2.0 (its code; its weights come without a licence of their own)"
    citation = (
        "Shawn Hershey et al., CNN Architectures for Large-Scale Audio Classification, 2017, arXiv "
        "1609.09430"
    )
    sample_rate = 16_000
    patch_samples = 15_600  # 96 frames of 25 ms, 10 ms apart
    dimension = 128
    weights: ClassVar = {_FILE: "10086976245803799d9194e9a73d9b6c1549c71d1b80106f5cade5608a561f4b"}
    packages = ("torch", "torchvggish", "soundfile")
    install = "pip install -r train/requirements-teachers.txt"

    def __init__(self):
        path = self.fetch() / _FILE
        torch, torchvggish = package("torch"), package("torchvggish")
        torch.set_num_threads(1)  # as `Teacher.embed_clip` does for the others
        network = torchvggish.VGG(torchvggish.make_layers(), postprocess=False)
        stored = torch.load(path, map_location="cpu", weights_only=True)
        network.load_state_dict(stored)
        self._network = network.eval()

    @classmethod
    def fetch(cls) -> Path:
        check_installed(cls)
        folder = Path(platformdirs.user_cache_dir("songnet", appauthor=False)) / "teachers"
        path = folder / _FILE
        if not path.exists():
            folder.mkdir(parents=True, exist_ok=True)
            try:
                package("torch").hub.download_url_to_file(_URL, str(path), cls.weights[_FILE])
            # No connection, or a file that is not the published one.
            except (OSError, RuntimeError) as error:
                raise DataError(
                    f"The weights of {cls.name} cannot be fetched ({error}): curl -L -o {path} "
                    f"{_URL}."
                ) from error
        check_weights(cls, folder, f"delete it, and it is downloaded again from {_URL}")
        return folder

    def embed(self, waveform: np.ndarray) -> np.ndarray:
        with package("torch").inference_mode():
            patches = package("torchvggish").waveform_to_examples(waveform, self.sample_rate)
            # One by one: all of a clip at once take hundreds of megabytes.
            return np.concatenate([self._network(patch[None]).numpy() for patch in patches])
