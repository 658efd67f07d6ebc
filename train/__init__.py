"""Training, evaluating and exporting SongNet: a module a step, run as ``python -m train STEP``."""
