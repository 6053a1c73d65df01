"""Signals that ask a run to end: noted, and not raised in the middle of what must be whole."""

import signal
import threading
from types import FrameType
from typing import Any, Self

_NAMES = ("SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK")


class Stopping:
    """While it is entered, such signals only leave a note. Those that the process was started to ignore stay ignored.

    Attributes:
        asked: how often a signal came.
    """

    def __init__(self) -> None:
        self.asked = 0
        self._first = 0
        self._before: dict[int, Any] = {}

    @property
    def name(self) -> str:
        """Of the first signal."""
        return signal.Signals(self._first).name

    @property
    def status(self) -> int:
        """The exit status that tells of it; 0 if none came."""
        return 128 + self._first if self.asked else 0

    def __enter__(self) -> Self:
        if threading.current_thread() is threading.main_thread():
            for number in (getattr(signal, name) for name in _NAMES if hasattr(signal, name)):
                if signal.getsignal(number) is not signal.SIG_IGN:
                    self._before[number] = signal.signal(number, self._came)
        return self

    def take_over(self) -> None:
        """Take the signals back from who may have taken them since it was entered."""
        for number in self._before:
            signal.signal(number, self._came)

    def __exit__(self, *about: object) -> None:
        for number, before in self._before.items():
            signal.signal(number, before)

    def _came(self, number: int, _: FrameType | None) -> None:
        self._first = self._first or number
        self.asked += 1
