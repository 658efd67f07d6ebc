"""Which random seeds are taken."""

from train.errors import DataError

_LARGEST = 2**32 - 1


def check_seed(seed: int) -> None:
    """Raises a `DataError` for a seed that NumPy's and Keras's generators do not take."""
    if not 0 <= seed <= _LARGEST:
        raise DataError(f"--seed takes a number from 0 to {_LARGEST}. Received: {seed}")
