"""Order, bounds, errors and interrupts of the stages, and that their threads always end."""

import itertools
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from mobilevos.errors import TruncatedVideo
from mobilevos.video import pipeline
from mobilevos.video.pipeline import read_ahead, write_behind
from mobilevos.video.reader import open_frames
from mobilevos.video.writer import VideoWriter
from stage_threads import stage_threads
from waiting import PATIENCE, wait_until

SETTLED = 0.05
"""Seconds without a change after which a stage counts as waiting."""


@pytest.fixture(autouse=True)
def _no_thread_outlives_its_test() -> Iterator[None]:
    yield
    assert stage_threads() == []


def settled(value: Callable[[], int]) -> int:
    """The value once it no longer changes."""
    last, since = value(), time.monotonic()
    while time.monotonic() - since < SETTLED:
        time.sleep(0.005)
        if value() != last:
            last, since = value(), time.monotonic()
    return last


def main_thread_is_in_the_pipeline() -> bool:
    frame = sys._current_frames()[threading.main_thread().ident or 0]
    while frame is not None and frame.f_code.co_filename != pipeline.__file__:
        frame = frame.f_back  # type: ignore[assignment]
    return frame is not None


def interrupt_main_thread() -> None:
    signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)


class Counted:
    """Counts without end; knows how far it got, in which thread, and whether it was closed."""

    def __init__(self) -> None:
        self.made = 0
        self.closed = False
        self.thread = ""

    def __iter__(self) -> Iterator[int]:
        self.thread = threading.current_thread().name
        try:
            while True:
                self.made += 1
                yield self.made - 1
        finally:
            self.closed = True


# Reading ahead


@pytest.mark.parametrize("depth", [1, 2, 5])
@pytest.mark.parametrize("count", [0, 1, 40])
def test_items_come_in_order_and_end(count: int, depth: int) -> None:
    assert list(read_ahead(iter(range(count)), depth)) == list(range(count))
    assert stage_threads() == []


def test_items_that_are_none_or_false_are_items() -> None:
    assert list(read_ahead([None, False, (), 0])) == [None, False, (), 0]


@pytest.mark.parametrize("depth", [1, 3])
def test_reading_goes_on_beside_the_consumer_up_to_the_bound(depth: int) -> None:
    source = Counted()
    with closing(read_ahead(source, depth)) as items:
        for taken in range(1, 6):
            assert next(items) == taken - 1
            wait_until(lambda taken=taken: source.made == taken + depth)
            assert settled(lambda: source.made) == taken + depth
    assert source.thread == "read-ahead"


def test_nothing_is_read_before_the_first_item_is_asked_for() -> None:
    source = Counted()
    items = read_ahead(source)
    assert settled(lambda: source.made) == 0
    items.close()
    assert (source.made, list(items)) == (0, [])


def _by_closing(items: Iterator[int]) -> None:
    items.close()  # type: ignore[attr-defined]


def _by_an_error_thrown_in(items: Iterator[int]) -> None:
    with pytest.raises(KeyError):
        items.throw(KeyError())  # type: ignore[attr-defined]


@pytest.mark.parametrize("end", [_by_closing, _by_an_error_thrown_in])
@pytest.mark.parametrize("pause", [0, SETTLED])
def test_a_consumer_that_stops_early_ends_the_thread_and_the_source(
    end: Callable[[Iterator[int]], None], pause: float
) -> None:
    source = Counted()
    items = read_ahead(source)
    assert list(itertools.islice(items, 4)) == [0, 1, 2, 3]
    time.sleep(pause)  # the thread is at work, or waits for room
    end(items)
    assert stage_threads() == []
    assert source.closed
    assert next(items, None) is None


def test_an_iterator_that_is_dropped_ends_its_thread() -> None:
    source = Counted()
    items = read_ahead(source)
    next(items)
    assert stage_threads() == ["read-ahead"]
    del items
    assert stage_threads() == []
    assert source.closed


@pytest.mark.parametrize("error", [ValueError("damaged"), KeyboardInterrupt(), SystemExit(3)])
@pytest.mark.parametrize("good", [0, 1, 7])
def test_an_error_comes_after_the_good_items(error: BaseException, good: int) -> None:
    def source() -> Iterator[int]:
        yield from range(good)
        raise error

    got = []
    with pytest.raises(type(error)) as caught:  # noqa: PT012
        for item in read_ahead(source()):
            time.sleep(0.001)  # the error is there before its turn
            got.append(item)
    assert caught.value is error
    assert got == list(range(good))


def test_an_interrupt_while_waiting_for_an_item() -> None:
    arrived = threading.Event()

    def camera() -> Iterator[int]:
        yield 0
        assert arrived.wait(PATIENCE)
        yield 1

    def press() -> None:
        wait_until(main_thread_is_in_the_pipeline)
        interrupt_main_thread()
        time.sleep(SETTLED)
        arrived.set()

    items = read_ahead(camera())
    assert next(items) == 0
    presser = threading.Thread(target=press)
    with pytest.raises(KeyboardInterrupt):  # noqa: PT012
        presser.start()
        next(items)
    presser.join()
    assert stage_threads() == []


def test_a_silent_source_does_not_keep_the_interpreter_from_ending() -> None:
    code = """
import sys, threading
from mobilevos.video.pipeline import read_ahead

def camera():
    yield 1
    threading.Event().wait()

frames = read_ahead(camera())
print(next(frames), flush=True)
sys.kept = frames  # as a careless program leaves it
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=PATIENCE, check=False)
    assert (done.returncode, done.stdout) == (0, "1\n"), done.stderr


def test_video_files_whole_and_cut(tmp_path: Path) -> None:
    path = tmp_path / "clip.mp4"
    rng = np.random.default_rng(0)
    with VideoWriter(path, Fraction(24), (48, 64)) as writer:
        for _ in range(30):
            writer.write(rng.integers(0, 256, (48, 64, 3), dtype=np.uint8))
    expected = list(open_frames(path))
    assert len(expected) == 30
    np.testing.assert_array_equal(list(read_ahead(open_frames(path))), expected)

    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    frames: list[np.ndarray] = []
    with pytest.raises(TruncatedVideo) as caught:
        frames.extend(read_ahead(open_frames(path)))
    assert 5 < caught.value.frames_read == len(frames) < 25
    np.testing.assert_array_equal(frames, expected[: len(frames)])


# Writing behind


def test_everything_is_written_in_order_by_the_end_of_the_block() -> None:
    written: list[tuple[int, str]] = []

    def write(item: int) -> None:
        time.sleep(0.001)
        written.append((item, threading.current_thread().name))

    with write_behind(write) as put:
        for item in range(20):
            put(item)
    assert written == [(item, "write-behind") for item in range(20)]


@pytest.mark.parametrize("depth", [1, 3])
def test_writing_goes_on_beside_the_producer_up_to_the_bound(depth: int) -> None:
    may_write = threading.Semaphore(0)
    put_so_far = written = 0

    def write(item: int) -> None:
        nonlocal written
        assert may_write.acquire(timeout=PATIENCE)
        written += 1

    def check() -> None:
        for finished in range(5):
            wait_until(lambda finished=finished: put_so_far == finished + depth)
            seen.append(settled(lambda: put_so_far) - finished)
            may_write.release()
        may_write.release(20)

    seen: list[int] = []
    checker = threading.Thread(target=check)
    checker.start()
    with write_behind(write, depth) as put:
        for item in range(20):
            put(item)
            put_so_far += 1
    checker.join()
    assert seen == [depth] * 5
    assert written == 20


@pytest.mark.parametrize("fail_at", [0, 4, 9])
def test_an_error_of_writing_stops_both_sides(fail_at: int) -> None:
    """Also if it is the last item, after which nothing is put, and if the producer is waiting for room."""
    error = OSError("disk full")
    tried = []

    def write(item: int) -> None:
        tried.append(item)
        if item == fail_at:
            time.sleep(0.01)
            raise error

    put_so_far = []
    with pytest.raises(OSError, match="disk full") as caught, write_behind(write) as put:  # noqa: PT012
        for item in range(10):
            put(item)
            put_so_far.append(item)
    assert caught.value is error
    assert tried == list(range(fail_at + 1))
    assert len(put_so_far) <= fail_at + 4


@pytest.mark.parametrize("error", [ValueError("tracker"), KeyboardInterrupt(), SystemExit(3)])
def test_an_error_in_the_block_loses_nothing(error: BaseException) -> None:
    written = []
    is_over = threading.Event()

    def write(item: int) -> None:
        assert item < 6 or is_over.wait(PATIENCE)
        written.append(item)

    put_so_far = []
    with pytest.raises(type(error)) as caught, write_behind(write) as put:  # noqa: PT012
        for item in range(8):
            put(item)
            put_so_far.append(item)
        assert len(written) <= 6
        is_over.set()
        raise error
    assert caught.value is error
    assert written == put_so_far == list(range(8))


def test_the_error_of_the_earlier_item_is_raised() -> None:
    failing = threading.Event()

    def write(item: int) -> None:
        assert failing.wait(PATIENCE)
        raise OSError("disk full")

    with pytest.raises(OSError, match="disk full") as caught, write_behind(write) as put:  # noqa: PT012
        put(0)
        failing.set()
        raise ValueError("the tracker's, at item 1")
    assert isinstance(caught.value.__context__, ValueError)


def test_interrupts_while_the_rest_is_written_lose_nothing() -> None:
    may_write = threading.Event()
    written = []

    def write(item: int) -> None:
        assert may_write.wait(PATIENCE)
        written.append(item)

    def press() -> None:
        wait_until(main_thread_is_in_the_pipeline)
        for _ in range(3):
            time.sleep(SETTLED)
            interrupt_main_thread()
        time.sleep(SETTLED)
        may_write.set()

    presser = threading.Thread(target=press)
    with pytest.raises(KeyboardInterrupt), write_behind(write) as put:  # noqa: PT012
        for item in range(3):
            put(item)
        presser.start()
    presser.join()
    assert written == [0, 1, 2]
    assert stage_threads() == []
