"""SongNet's bytes, processor time and memory, compared with other ways to classify."""
