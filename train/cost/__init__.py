"""What SongNet takes: bytes, processor time and memory, beside other ways to do the same."""
