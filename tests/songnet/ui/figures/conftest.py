"""What the figures are drawn of."""

import pytest

from songnet.ui.analysis import Analysis


@pytest.fixture
def analysed(analyser):
    """Analyses a song: ``analysed(path)`` gives what is drawn."""

    def analyse(path) -> Analysis:
        *_, result = analyser.analyse(path)
        assert isinstance(result, Analysis)
        return result

    return analyse
