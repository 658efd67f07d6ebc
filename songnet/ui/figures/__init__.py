"""The page's cards, its figures over time, and its files to save."""
