"""Decoding and writing beside the caller's own work.

FFmpeg, Pillow's PNG encoder and the inference runtimes release Python's global lock, so that threads truly run side
by side. Each stage keeps the order, holds a few items however long the video is, and ends its thread before it ends.
"""

from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import contextmanager
from queue import SimpleQueue
from threading import Event, Thread
from typing import TypeVar

Item = TypeVar("Item")

DEPTH = 3
"""Items between two stages: enough to even out frames that take longer than others."""

# All waiting is for a SimpleQueue. Unlike queue.Queue and semaphores, which are written in Python, an interrupt from
# the keyboard cannot leave it locked. A bound is a second queue, of permits to add one more item.


def read_ahead(items: Iterable[Item], depth: int = DEPTH) -> Generator[Item]:
    """Iterate in a thread, a few items ahead of the consumer.

    ::

        with contextlib.closing(read_ahead(open_frames("clip.mp4"))) as frames:
            for frame in frames: ...

    The thread starts with the first item asked for. It ends with the items, or once the generator is closed, which
    waits for the item then in the making; items read by then and not yet taken are dropped.

    Args:
        items: iterated in the thread only.
        depth: at most so many items, >= 1, are ready or in the making.

    Yields:
        The items in their order.

    Raises:
        BaseException: what iterating raised, after the items before it.
    """
    ready: SimpleQueue[tuple[Item] | BaseException | None] = SimpleQueue()
    permits = _permits(depth - 1)
    stopped = Event()

    def read() -> None:
        try:
            for item in items:
                ready.put((item,))
                permits.get()
                if stopped.is_set():
                    return
        except BaseException as error:
            ready.put(error)
        else:
            ready.put(None)

    thread = Thread(target=read, name="read-ahead", daemon=True)  # never keeps the interpreter from ending
    thread.start()
    try:
        while isinstance(result := ready.get(), tuple):
            permits.put(None)
            yield result[0]
    finally:
        stopped.set()
        permits.put(None)
        thread.join()
    if result is not None:
        raise result


@contextmanager
def write_behind(write: Callable[[Item], None], depth: int = DEPTH) -> Iterator[Callable[[Item], None]]:
    """Call ``write`` in a thread, a few items behind the producer.

    ::

        with write_behind(save) as put:
            for frame in frames:
                put(tracker.step(frame))

    Leaving the block, by an error too, waits until everything put is written. An error of ``write`` ends the writing:
    later items are dropped, and the next ``put``, or else the end of the block, raises it. It takes precedence over an
    error in the block, since it belongs to an earlier item.

    Args:
        write: gets the items in their order, one at a time. They must not be changed once put.
        depth: at most so many items, >= 1, wait or are being written.

    Yields:
        ``put``, which takes an item once fewer than ``depth`` are unwritten.
    """
    waiting: SimpleQueue[tuple[Item] | None] = SimpleQueue()
    permits = _permits(depth)
    failures: list[BaseException] = []
    writing = True
    ended: SimpleQueue[None] = SimpleQueue()

    def run() -> None:
        nonlocal writing
        while (entry := waiting.get()) is not None:
            if not failures:
                try:
                    write(entry[0])
                except BaseException as error:
                    failures.append(error)
            permits.put(None)
        writing = False
        ended.put(None)

    def put(item: Item) -> None:
        permits.get()
        if failures:
            raise failures[0]
        waiting.put((item,))

    def finish() -> None:
        """Wait until all is written, also if interrupted meanwhile, and raise the interrupt after it."""
        try:
            if writing:
                ended.get()
        except BaseException:
            finish()
            raise

    thread = Thread(target=run, name="write-behind", daemon=True)
    thread.start()
    try:
        yield put
    finally:
        waiting.put(None)
        try:
            finish()  # before Python 3.13, join() alone would take an interrupt for the thread's end
        finally:
            thread.join()
            if failures:
                raise failures[0]


def _permits(count: int) -> SimpleQueue[None]:
    permits: SimpleQueue[None] = SimpleQueue()
    for _ in range(count):
        permits.put(None)
    return permits
