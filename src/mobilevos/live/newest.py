"""The queue of live video: it holds one item, the newest."""

from collections.abc import Generator
from contextlib import suppress
from math import inf
from threading import Condition, Thread
from time import perf_counter
from types import TracebackType
from typing import Generic, Self, TypeVar

from mobilevos.errors import InputError

Item = TypeVar("Item")

_LEAVE_SECONDS = 2.0


class Newest(Generic[Item]):
    """Reads items in a thread of its own, as fast as they come, so that the consumer always gets the newest.

    ::

        with Newest(capture.shots) as newest:
            while (shot := newest.take(0.1)) or not newest.ended: ...

    Args:
        items: iterated, and closed at the end of the ``with`` block, in the thread only.
        silent: seconds without an item after which the source counts as dead: some never say so.

    Attributes:
        dropped: items that a newer one replaced before they were taken.
    """

    def __init__(self, items: Generator[Item], silent: float = inf) -> None:
        self._items = items
        self._silent = silent
        self._heard = perf_counter()
        self._changed = Condition()
        self._item: Item | None = None
        self._left = self._stopped = False
        self._error: BaseException | None = None
        self.dropped = 0
        self._thread = Thread(target=self._read, name="capture", daemon=True)  # a device may never answer again

    @property
    def ended(self) -> bool:
        """There is no item, and there will be none."""
        with self._changed:
            return self._item is None and (self._left or not self._thread.is_alive())

    def take(self, timeout: float) -> Item | None:
        """Wait up to ``timeout`` seconds for an item newer than the last one taken; None if there is none.

        Raises:
            InputError: the source has been silent for too long.
            BaseException: what iterating raised, after the items before it.
        """
        with self._changed:
            self._changed.wait_for(lambda: self._left or self._item is not None, timeout)
            item, self._item = self._item, None
            if item is None and self._error is not None:
                raise self._error
            if item is None and not self._left and perf_counter() - self._heard > self._silent:
                raise InputError(f"The source has sent nothing for {self._silent:g} seconds; it counts as broken off.")
            return item

    def _read(self) -> None:
        try:
            for item in self._items:
                with self._changed:
                    self.dropped += self._item is not None
                    self._item, self._heard = item, perf_counter()
                    self._changed.notify_all()
                if self._stopped:
                    break
        except BaseException as error:
            self._error = error
        finally:
            with self._changed:  # before closing, which with a device that is gone may fail or take for ever
                self._left = True
                self._changed.notify_all()
            with suppress(Exception):
                self._items.close()

    def __enter__(self) -> Self:
        self._heard = perf_counter()
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stopped = True
        self._thread.join(_LEAVE_SECONDS)
