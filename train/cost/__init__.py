"""What SongNet takes: bytes, processor time and memory, compared with other ways to classify."""
