"""The container formats and codecs that are accepted; all others are refused."""

# FFmpeg's demuxers for audio people have. A playlist or a script format is not among them: those
# make FFmpeg open further files and addresses.
FORMATS = {
    "wav": "WAV",
    "w64": "WAV",
    "flac": "FLAC",
    "ogg": "OGG",
    "mp3": "MP3",
    "aiff": "AIFF",
    "au": "AU",
    "caf": "CAF",
    "mov": "M4A",
    "aac": "AAC",
    "matroska": "WebM",
    "asf": "WMA",
}
# File name endings by which a folder's songs are found.
SUFFIXES = frozenset(
    f".{ending}"
    for ending in (
        *("wav", "w64", "flac", "ogg", "oga", "opus", "mp3", "aif", "aiff", "aifc", "au", "caf"),
        *("m4a", "mp4", "aac", "webm", "mka", "wma"),
    )
)
# The decoders that FFmpeg may start: none for video or pictures, so that covers are not decoded.
DECODERS = (
    *("aac", "ac3", "alac", "eac3", "flac", "gsm_ms", "libopus", "mp2", "mp2float", "mp3"),
    *("mp3float", "opus", "speex", "vorbis", "wmalossless", "wmapro", "wmav1", "wmav2"),
    *("adpcm_ima_qt", "adpcm_ima_wav", "adpcm_ms", "pcm_alaw", "pcm_mulaw", "pcm_s8", "pcm_u8"),
    *(f"pcm_{kind}{end}" for kind in ("s16", "s24", "s32", "f32", "f64") for end in ("le", "be")),
)
ACCEPTED = "WAV, FLAC, OGG, Opus, MP3, AIFF, M4A or WebM"
