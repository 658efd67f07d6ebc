"""The first byte of each message that a child process sends: it says what the rest holds."""

BLOCK = b"b"  # raw bytes: samples as float32, or a JPEG
OBJECT = b"o"  # a JSON object
ERROR = b"e"  # a sentence about the file, for its owner
BUG = b"x"  # an error that nobody foresaw, for the log
DONE = b"d"  # nothing: the request is answered
