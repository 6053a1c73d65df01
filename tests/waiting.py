"""Waiting for what a thread or a process does: for as long as a busy machine may need, and not a moment longer."""

import time
from collections.abc import Callable

PATIENCE = 600.0
"""Seconds after which what should have happened counts as not happening. No test takes as long unless it fails."""


def wait_until(condition: Callable[[], object]) -> None:
    """Wait until ``condition()`` is true; AssertionError if it is still not after `PATIENCE`."""
    until = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < until, "what was waited for did not happen"
        time.sleep(0.005)
