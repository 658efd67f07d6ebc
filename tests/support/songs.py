"""Synthesised songs, written in every format that people bring."""

from pathlib import Path

import av
import numpy as np
import soundfile

LAYOUTS = {1: "mono", 2: "stereo", 6: "5.1", 8: "7.1"}
# FFmpeg's encoder, container and its options for a name's ending.
_ENCODERS = {
    ".mp3": ("libmp3lame", "mp3", {}),
    ".m4a": ("aac", "ipod", {}),
    ".aac": ("aac", "adts", {}),
    ".opus": ("libopus", "ogg", {}),
    # As a browser's MediaRecorder does: no duration, no index.
    ".webm": ("libopus", "webm", {"live": "1"}),
    ".wma": ("wmav2", "asf", {}),
    ".mp2": ("mp2", "mp2", {}),
    ".loas": ("aac", "latm", {}),
    ".m4b": ("aac", "ipod", {}),
    ".mov": ("alac", "mov", {}),
    ".3gp": ("libopencore_amrnb", "3gp", {}),
    ".amr": ("libopencore_amrnb", "amr", {}),
    ".ac3": ("ac3", "ac3", {}),
    ".eac3": ("eac3", "eac3", {}),
    ".wv": ("wavpack", "wv", {}),
    ".tta": ("tta", "tta", {}),
    ".mka": ("tta", "matroska", {}),
    ".caf": ("pcm_s16be", "caf", {}),
    ".au": ("pcm_s16be", "au", {}),
}
# Of encoders that would write 8 bits.
_SAMPLE_FORMATS = {"wavpack": "s16p", "tta": "s16"}


def synthesise(seconds: float, rate: int = 44_100, channels: int = 1, seed: int = 0) -> np.ndarray:
    """A chord, a beat and a floor of noise, so that every mel band holds something.

    Parameters
    ----------
    seconds : float > 0 [s]
    rate : int [Hz]
    channels : int
        They differ in their noise.
    seed : int

    Returns
    -------
    np.ndarray [shape=(n, channels), float32, within -1..1]
    """
    random = np.random.default_rng(seed)
    t = np.arange(round(seconds * rate)) / rate
    chord = sum(np.sin(2 * np.pi * hz * t) for hz in (220.0, 277.2, 329.6, 1_318.5))
    beat = np.exp(-12.0 * (t % 0.5)) * random.normal(size=t.size)
    floor = random.normal(size=(t.size, channels))
    return (0.08 * chord[:, None] + 0.04 * beat[:, None] + 0.02 * floor).astype(np.float32)


def write(path: Path, waveform: np.ndarray, rate: int = 44_100, subtype: str | None = None) -> Path:
    """Writes a song in the format that the name's ending says.

    Parameters
    ----------
    path : where to
        ``.wav``, ``.aiff``, ``.flac`` and ``.ogg`` (Vorbis) are written by libsndfile, others by
        FFmpeg.
    waveform : np.ndarray [shape=(n, channels), float32]
    rate : int [Hz]
    subtype : str or None
        libsndfile's name of the sample format, such as ``"PCM_24"``.

    Returns
    -------
    Path
        The same path.
    """
    if path.suffix in (".wav", ".aiff", ".flac", ".ogg"):
        multichannel_wav = path.suffix == ".wav" and waveform.shape[1] > 2
        kind = {"format": "WAVEX"} if multichannel_wav else {}
        soundfile.write(path, waveform, rate, subtype=subtype, **kind)
    else:
        codec, container, options = _ENCODERS[path.suffix]
        encode(path, waveform, rate, codec, container, **options)
    return path


def encode(
    path: Path, waveform: np.ndarray, rate: int, codec: str, container: str, **options: str
) -> Path:
    """Writes a song with one of FFmpeg's encoders, and returns the path."""
    layout = LAYOUTS[waveform.shape[1]]
    with av.open(str(path), "w", format=container, options=options) as output:
        stream = output.add_stream(codec, rate=rate, layout=layout)
        stream.bit_rate = 128_000 * waveform.shape[1]
        if codec in _SAMPLE_FORMATS:
            stream.codec_context.format = _SAMPLE_FORMATS[codec]
        frame = av.AudioFrame.from_ndarray(
            np.ascontiguousarray(waveform).reshape(1, -1), format="flt", layout=layout
        )
        frame.sample_rate = rate
        for packet in stream.encode(frame):
            output.mux(packet)
        for packet in stream.encode(None):
            output.mux(packet)
    return path
