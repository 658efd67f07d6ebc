"""From a trained network and its evidence to a release on the Hugging Face Hub."""
