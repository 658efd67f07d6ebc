"""All parameters of the signal path, in one place.

The path: mono audio at 44.1 kHz, cut into 30 s windows; 128 spectra a window, evenly spread;
128 Slaney mel bands of each; decibels below the window's loudest bin, from -80 to 0, mapped to
0..1.
"""

from dataclasses import dataclass

# The weights' version, not the package's (`songnet.__version__`): a release's `config.json`, its
# figures and its tag on the Hub have it. It changes with the weights alone.
VERSION = "0.1.0"

GENRES = (
    "Electronic",
    "Experimental",
    "Folk",
    "Hip-Hop",
    "Instrumental",
    "International",
    "Pop",
    "Rock",
)

# The mel bands that the network uses, the lowest first: they reach up to 7.9 kHz. What is above
# differs from one encoder and recording to the next, more than from one genre to the next.
HEARD_BANDS = 96


@dataclass(frozen=True)
class AudioSpec:
    """Parameters of the path from audio to the network's input.

    Attributes
    ----------
    sample_rate : int [Hz]
        Rate of the mono waveform that everything after decoding works on.
    window_seconds : float [s]
        Length of a window, the stretch of audio that the network classifies at once.
    min_seconds : float [s]
        Audio shorter than this is refused.
    n_fft, hop_length : int [samples]
        Length of the periodic Hann window and FFT, and distance between frame centres.
    n_mels : int
        Slaney-style mel bands between 0 Hz and half the sample rate, area-normalised.
    n_frames : int
        Number of frames kept of each window: `kept_frames` says which.
    min_power : float
        Floor of the mel power before the logarithm (that of `librosa.power_to_db`).
    db_range : float [dB]
        Values further than this below the loudest bin are clipped.
    silence_peak : float [full scale = 1]
        A window whose peak is below this (-60 dBFS) counts as silent.
    """

    sample_rate: int = 44_100
    window_seconds: float = 30.0
    min_seconds: float = 1.0
    n_fft: int = 2048
    hop_length: int = 512
    n_mels: int = 128
    n_frames: int = 128
    min_power: float = 1e-10
    db_range: float = 80.0
    silence_peak: float = 1e-3

    @property
    def window_samples(self) -> int:
        """Samples in one window: 1,323,000."""
        return round(self.window_seconds * self.sample_rate)

    @property
    def min_samples(self) -> int:
        """Fewest samples that are classified: 44,100."""
        return round(self.min_seconds * self.sample_rate)

    def kept_frames(self, n_samples: int) -> tuple[int, ...]:
        """Indices of the centred frames that are kept of `n_samples` of audio.

        Of the ``T = 1 + n_samples // hop_length`` frames, ``floor((k + 0.5) / n_frames * T)``
        for ``k = 0 .. n_frames - 1`` are kept: the middles of `n_frames` equal parts. In a 30 s
        window that is one frame every 234 ms. Frame ``t`` is centred on sample ``t * hop_length``.

        Parameters
        ----------
        n_samples : int >= 0 [samples]

        Returns
        -------
        tuple of int [length=n_frames]
            Not decreasing. Frames repeat where the audio has fewer than `n_frames`.
        """
        total = 1 + n_samples // self.hop_length
        return tuple((2 * k + 1) * total // (2 * self.n_frames) for k in range(self.n_frames))


SPEC = AudioSpec()
