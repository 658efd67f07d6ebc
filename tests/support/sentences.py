"""What every message about a failure has in common."""


def assert_one_sentence(error: Exception) -> None:
    """No paragraphs, no addresses, and an end."""
    text = str(error)
    assert text.endswith(".")
    assert "\n" not in text
    assert "http://" not in text
    assert "Traceback" not in text
