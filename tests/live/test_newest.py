"""The queue of one: the consumer gets the newest, however slow it is."""

import threading
import time
from collections.abc import Generator

import pytest

from mobilevos.errors import InputError
from mobilevos.live import newest as newest_module
from mobilevos.live.newest import Newest
from waiting import PATIENCE, wait_until


class Numbers:
    """A source of numbers that makes each when it is told to.

    Attributes:
        asked: the number that it was asked for last: those before it have arrived.
    """

    def __init__(self, count: int) -> None:
        self.asked = -1
        self._count, self._may_make = count, threading.Semaphore(0)

    def make(self, count: int) -> None:
        """Make more numbers, and wait until they have arrived."""
        arrived = max(self.asked, 0) + count
        self._may_make.release(count)
        wait_until(lambda: self.asked == arrived)

    def __iter__(self) -> Generator[int]:
        for number in range(self._count):
            self.asked = number
            assert self._may_make.acquire(timeout=PATIENCE)
            yield number
        self.asked = self._count

    def close(self) -> None:
        pass


def test_a_slow_consumer_gets_the_newest_and_the_rest_is_counted() -> None:
    numbers, taken = Numbers(100), []
    with Newest(numbers) as newest:  # type: ignore[arg-type]
        for count in (1, 5, 20, 1, 73):
            numbers.make(count)
            taken.append(newest.take(PATIENCE))
        assert newest.take(PATIENCE) is None
        assert newest.ended
        assert newest.dropped == 100 - len(taken)
    assert taken == [0, 5, 25, 26, 99]


def test_a_quick_consumer_gets_all() -> None:
    numbers = Numbers(20)
    with Newest(numbers) as newest:  # type: ignore[arg-type]
        for number in range(20):
            numbers.make(1)
            assert newest.take(PATIENCE) == number
        assert newest.dropped == 0
        assert newest.take(PATIENCE) is None


def test_waiting_ends_with_the_timeout() -> None:
    silent = threading.Event()

    def nothing() -> Generator[int]:
        silent.wait(PATIENCE)
        yield 1

    with Newest(nothing()) as newest:
        began = time.perf_counter()
        assert newest.take(0.05) is None
        assert time.perf_counter() - began > 0.04
        assert not newest.ended
        silent.set()
        assert newest.take(PATIENCE) == 1


def test_an_error_comes_after_the_item_before_it() -> None:
    def broken() -> Generator[int]:
        yield 7
        raise ValueError("gone")

    with Newest(broken()) as newest:
        time.sleep(0.05)
        assert newest.take(PATIENCE) == 7
        with pytest.raises(ValueError, match="gone"):
            newest.take(PATIENCE)


def test_leaving_closes_the_items_in_their_thread() -> None:
    closed: list[str] = []

    def endless() -> Generator[int]:
        try:
            while True:
                yield 0
                time.sleep(0.001)
        finally:
            closed.append(threading.current_thread().name)

    with Newest(endless()) as newest:
        assert newest.take(PATIENCE) == 0
    assert closed == ["capture"]


def end(newest: Newest[int]) -> None:
    """Take until there is no more, as a consumer's loop does."""
    wait_until(lambda: newest.take(0.01) is None and newest.ended)


@pytest.mark.parametrize("failure", [ValueError("unplugged"), OSError("no device")])
def test_a_source_that_cannot_be_closed_ends_all_the_same(failure: Exception) -> None:
    def unplugged() -> Generator[int]:
        try:
            yield 1
            while True:
                time.sleep(0.001)
                yield 2
        finally:
            raise failure

    class OneItem:
        def __iter__(self) -> Generator[int]:
            yield 1

        def close(self) -> None:
            raise failure

    with Newest(OneItem()) as newest:  # type: ignore[arg-type]
        end(newest)
    with Newest(unplugged()) as newest:
        assert newest.take(PATIENCE) is not None


def test_a_source_that_takes_for_ever_to_close_ends_all_the_same() -> None:
    answer = threading.Event()

    class Silent:
        def __iter__(self) -> Generator[int]:
            yield 1

        def close(self) -> None:
            answer.wait(PATIENCE)

    with Newest(Silent()) as newest:  # type: ignore[arg-type]
        end(newest)
        answer.set()


def test_a_source_that_falls_silent_is_given_up_in_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    answer, now = threading.Event(), 100.0
    monkeypatch.setattr(newest_module, "perf_counter", lambda: now)

    def stuck() -> Generator[int]:
        yield 1
        answer.wait(PATIENCE)

    with Newest(stuck(), silent=0.1) as newest:
        assert newest.take(PATIENCE) == 1
        now = 100.09
        assert newest.take(0.01) is None, "not at once"
        now = 100.11
        with pytest.raises(InputError, match=r"has sent nothing for 0\.1 seconds"):
            end(newest)
        answer.set()
