"""What tests do without something that they need."""

import os
from typing import NoReturn

import pytest


def missing(what: str) -> NoReturn:
    """Skip the test, but fail in continuous integration, where nobody looks for what was skipped."""
    if os.environ.get("CI"):
        pytest.fail(what)
    pytest.skip(what)
