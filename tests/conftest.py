"""What several test files share."""

import matplotlib.pyplot as plt
import pytest

from rnncourse import plotting


@pytest.fixture
def ax():
    """Axes in the style of the house, closed again after the test."""
    plotting.house_style()
    fig, ax = plotting.figure()
    yield ax
    plt.close(fig)
