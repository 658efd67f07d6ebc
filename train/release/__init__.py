"""Makes a release of a trained network and its evidence, and publishes it on the Hub."""
