"""A network's predictions for each clip, and the figures that are computed from them."""
