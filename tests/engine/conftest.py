"""What tests of the tracker share."""

import pytest

from colour_runtime import ColourRuntime
from mobilevos.tracker import Tracker


@pytest.fixture
def tracker() -> Tracker:
    """A tracker whose masks can be foretold."""
    return Tracker(runtime=ColourRuntime(), size=128)
