"""What the description of the API says of a file, in place of Gradio's notes on its own classes."""

_FILE = (
    "A file: `path` is what `/gradio_api/upload` has answered, `orig_name` the name that it is to "
    "have, and `meta` is `{'_type': 'gradio.FileData'}`. Addresses are not fetched."
)


def apply() -> None:
    """Replaces the words, from which Gradio makes the description; a second call does nothing."""
    # Importing it belongs to `without_stubs`.
    from gradio.data_classes import FileData

    FileData.__doc__ = _FILE
