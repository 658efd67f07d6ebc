"""From a network to what it says of each clip, and to the figures computed from that."""
