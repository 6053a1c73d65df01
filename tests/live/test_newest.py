"""The queue of one: the consumer gets the newest, however slow it is."""

import threading
import time
from collections.abc import Generator

import pytest

from mobilevos.errors import InputError
from mobilevos.live.newest import Newest


def numbers(count: int, seconds: float = 0.002) -> Generator[int]:
    for number in range(count):
        yield number
        time.sleep(seconds)


def test_a_slow_consumer_gets_the_newest_and_the_rest_is_counted() -> None:
    made: list[int] = []

    def watched() -> Generator[int]:
        for number in numbers(100):
            made.append(number)
            yield number

    taken = []
    with Newest(watched()) as newest:
        while (number := newest.take(1.0)) is not None:
            assert number >= made[-1] - 1  # the newest that was there
            taken.append(number)
            time.sleep(0.03)
        assert newest.ended
        assert newest.dropped == 100 - len(taken)
    assert taken == sorted(set(taken))
    assert 1 < len(taken) < 50
    assert taken[-1] == 99


def test_a_quick_consumer_gets_all() -> None:
    with Newest(numbers(20, 0.01)) as newest:
        taken = [newest.take(1.0) for _ in range(20)]
        assert (taken, newest.dropped) == (list(range(20)), 0)
        assert newest.take(1.0) is None


def test_waiting_ends_with_the_timeout() -> None:
    silent = threading.Event()

    def nothing() -> Generator[int]:
        silent.wait(5)
        yield 1

    with Newest(nothing()) as newest:
        began = time.perf_counter()
        assert newest.take(0.05) is None
        assert 0.04 < time.perf_counter() - began < 2
        assert not newest.ended
        silent.set()
        assert newest.take(1.0) == 1


def test_an_error_comes_after_the_item_before_it() -> None:
    def broken() -> Generator[int]:
        yield 7
        raise ValueError("gone")

    with Newest(broken()) as newest:
        time.sleep(0.05)
        assert newest.take(1.0) == 7
        with pytest.raises(ValueError, match="gone"):
            newest.take(1.0)


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
        assert newest.take(1.0) == 0
    assert closed == ["capture"]


def ends(newest: Newest[int], seconds: float = 2.0) -> bool:
    """Whether a consumer's loop comes to its end by itself."""
    until = time.perf_counter() + seconds
    while time.perf_counter() < until:
        if newest.take(0.01) is None and newest.ended:
            return True
    return False


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
        assert ends(newest)
    with Newest(unplugged()) as newest:
        assert newest.take(1.0) is not None


def test_a_source_that_takes_for_ever_to_close_ends_all_the_same() -> None:
    answer = threading.Event()

    class Silent:
        def __iter__(self) -> Generator[int]:
            yield 1

        def close(self) -> None:
            answer.wait(5)

    with Newest(Silent()) as newest:  # type: ignore[arg-type]
        assert ends(newest)
        answer.set()


def test_a_source_that_falls_silent_is_given_up_in_one_sentence() -> None:
    answer = threading.Event()

    def stuck() -> Generator[int]:
        yield 1
        answer.wait(5)

    with Newest(stuck(), silent=0.1) as newest:
        assert newest.take(1.0) == 1
        assert newest.take(0.01) is None, "not at once"
        with pytest.raises(InputError, match=r"has sent nothing for 0\.1 seconds"):
            ends(newest)
        answer.set()
