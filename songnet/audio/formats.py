"""The container formats and codecs that are accepted; all others are refused.

`SECURITY.md` says of each kind why it is read or not.
"""

# FFmpeg's demuxers for audio people have. A playlist or a script format is not among them: those
# make FFmpeg open further files and addresses. Neither is one that takes any bytes for sound.
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
    "loas": "AAC",
    "matroska": "WebM",
    "asf": "WMA",
    "wv": "WavPack",
    "ape": "APE",
    "tta": "TTA",
    "mpc8": "Musepack",
    "dsf": "DSF",
    "amr": "AMR",
    "ac3": "AC-3",
    "eac3": "E-AC-3",
}
# File name endings by which a folder's songs are found.
SUFFIXES = frozenset(
    f".{ending}"
    for ending in (
        *("wav", "wave", "bwf", "rf64", "w64", "flac", "ogg", "oga", "ogv", "ogx", "opus", "spx"),
        *("mp3", "mp2", "mpga", "aif", "aiff", "aifc", "au", "snd", "caf"),
        *("aac", "adts", "loas", "latm", "wma", "wmv", "asf", "webm", "weba", "mka", "mkv"),
        *("m4a", "m4b", "m4r", "m4v", "mp4", "mov", "qt", "3gp", "3g2", "3ga", "f4a", "f4v"),
        *("wv", "ape", "tta", "mpc", "dsf", "amr", "awb", "ac3", "eac3", "ec3"),
    )
)
# The decoders that FFmpeg may start: none for video or pictures, so that covers are not decoded.
DECODERS = (
    *("aac", "aac_latm", "ac3", "alac", "amrnb", "amrwb", "ape", "eac3", "flac", "gsm", "gsm_ms"),
    *("libopus", "mp2", "mp2float", "mp3", "mp3float", "mpc8", "opus", "speex", "tta", "vorbis"),
    *("wavpack", "wmalossless", "wmapro", "wmav1", "wmav2"),
    *("adpcm_ima_qt", "adpcm_ima_wav", "adpcm_ms", "adpcm_yamaha", "g722", "g726", "g726le"),
    *("dsd_lsbf", "dsd_lsbf_planar", "dsd_msbf", "dsd_msbf_planar"),
    *("pcm_alaw", "pcm_mulaw", "pcm_s8", "pcm_u8"),
    *(f"pcm_{kind}{end}" for kind in ("s16", "s24", "s32", "f32", "f64") for end in ("le", "be")),
)
# What a person is told to use: common, and written by every program.
ACCEPTED = "WAV, FLAC, OGG, Opus, MP3, AIFF, M4A or WebM"
# Offsets and bytes by which sound is known that people have and that is not read.
REFUSED = (
    (0, b"MP+", "Musepack SV7"),
    (0, b"tBaK", "TAK"),
    (0, b"ajkg", "Shorten"),
    (0, b"OFR ", "OptimFROG"),
    (0, b"FRM8", "DSDIFF"),
    (0, b"\x7f\xfe\x80\x01", "DTS"),
    (0, b"DTSHDHDR", "DTS"),
    (4, b"\xf8\x72\x6f\xba", "TrueHD"),
    (0, b"ea3\x03", "ATRAC"),
    (0, b"EA3\x01", "ATRAC"),
    (0, b".ra\xfd", "RealAudio"),
    (0, b".RMF", "RealAudio"),
    (0, b"FLV\x01", "Flash video"),
    (8, b"AVI LIST", "AVI"),
    (0, b"\x00\x00\x01\xba", "MPEG video"),
    (0, b"G@", "MPEG-TS"),
    (0, b"MThd", "MIDI"),
)
