"""What the page draws and writes of a song: cards, figures over time, files to save."""
