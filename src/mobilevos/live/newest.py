"""The queue of live video: it holds one item, the newest."""

from collections.abc import Generator
from threading import Condition, Thread
from types import TracebackType
from typing import Generic, Self, TypeVar

Item = TypeVar("Item")

_LEAVE_SECONDS = 2.0


class Newest(Generic[Item]):
    """Reads items in a thread of its own, as fast as they come, so that the consumer always gets the newest.

    ::

        with Newest(capture.shots) as newest:
            while (shot := newest.take(0.1)) or not newest.ended: ...

    Args:
        items: iterated, and closed at the end of the ``with`` block, in the thread only.

    Attributes:
        dropped: items that a newer one replaced before they were taken.
    """

    def __init__(self, items: Generator[Item]) -> None:
        self._items = items
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
            return self._left and self._item is None

    def take(self, timeout: float) -> Item | None:
        """Wait up to ``timeout`` seconds for an item newer than the last one taken; None if there is none.

        Raises:
            BaseException: what iterating raised, after the items before it.
        """
        with self._changed:
            self._changed.wait_for(lambda: self._left or self._item is not None, timeout)
            item, self._item = self._item, None
            if item is None and self._error is not None:
                raise self._error
            return item

    def _read(self) -> None:
        try:
            for item in self._items:
                with self._changed:
                    self.dropped += self._item is not None
                    self._item = item
                    self._changed.notify_all()
                if self._stopped:
                    break
        except BaseException as error:
            self._error = error
        finally:
            self._items.close()
            with self._changed:
                self._left = True
                self._changed.notify_all()

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stopped = True
        self._thread.join(_LEAVE_SECONDS)
