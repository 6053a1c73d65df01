"""Signals that ask a command to end, as a scheduler, a closing terminal or a system that shuts down sends them.

A command ends then as after Ctrl-C, and keeps what is finished.
"""

import os
import signal
import threading
from types import FrameType

_NAMES = ("SIGTERM", "SIGHUP", "SIGBREAK")
"""The last one is that of Windows, which has no other."""


class Terminated(KeyboardInterrupt):
    """Somebody asked the process to end."""


class Endings:
    """Turns such signals into `Terminated`, raised in the main thread.

    Those that the process was started to ignore, as ``nohup`` has it, stay ignored. After the first one, others change
    nothing: what is finished is being kept.

    Attributes:
        name: of the signal that came, if one did.
    """

    def __init__(self) -> None:
        self.name: str | None = None
        self._process = os.getpid()
        if threading.current_thread() is threading.main_thread():
            for number in (getattr(signal, name) for name in _NAMES if hasattr(signal, name)):
                if signal.getsignal(number) is signal.SIG_DFL:
                    signal.signal(number, self._came)

    @property
    def status(self) -> int:
        """The exit status that tells of the signal; 0 if none came."""
        return 0 if self.name is None else 128 + getattr(signal, self.name)

    def _came(self, number: int, _: FrameType | None) -> None:
        if os.getpid() != self._process:  # a forked one, with nothing of its own to keep
            os._exit(128 + number)
        if self.name is None:
            self.name = signal.Signals(number).name
            raise Terminated
