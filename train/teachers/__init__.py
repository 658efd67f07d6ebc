"""Networks of others, whose embeddings a SongNet learns to predict: a module each."""
