"""The first byte of each message that a child process sends: it says what the rest holds."""

INFO = b"i"  # JSON: `songnet.audio.AudioInfo`
BLOCK = b"b"  # samples as float32
WARNING = b"w"  # a sentence about the file, which is answered all the same
END = b"n"  # nothing: there are no more blocks
SOUND = b"s"  # `songnet.audio.sound.sound_digest`; empty where there is none
TAGS = b"t"  # JSON: `songnet.audio.tags.Tags`
COVER = b"c"  # a JPEG
PREDICTION = b"p"  # JSON: `songnet.prediction.Prediction.to_json`
EMBEDDING = b"v"  # `songnet.prediction.Prediction.embedding` as float32; empty for a silent song
ERROR = b"e"  # a sentence about the file, for its owner
LIMIT = b"l"  # the name of a limit, a line end, and a sentence as after `ERROR`
BUG = b"x"  # an unforeseen error, for the log
DONE = b"d"  # nothing: the request is answered
