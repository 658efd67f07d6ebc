"""What the figures are drawn of."""

import pytest

from songnet.ui import analysis
from songnet.ui.analysis import Analysis


@pytest.fixture
def analysed(classifier):
    """Analyses a song: ``analysed(path)`` gives what is drawn."""

    def analyse(path) -> Analysis:
        *_, result = analysis.analyse(classifier, path)
        assert isinstance(result, Analysis)
        return result

    return analyse
