"""The live loop: newest frame wins, latency is what a clock says, and whatever ends it, results are complete."""

import signal
import threading
import time
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from scenes import HEIGHT, WIDTH, Late, Slow, camera, mask, number_of, picture, save_clip

from mobilevos.errors import InputError, OutputError
from mobilevos.live.capture import Shot, open_capture
from mobilevos.live.outputs import open_output
from mobilevos.live.session import play
from mobilevos.video.reader import open_frames
from waiting import wait_until


def test_a_slow_tracker_gets_the_newest_frames(tmp_path: Path) -> None:
    tracker = Late(open_capture(str(save_clip(tmp_path / "clip.mp4", count=40, fps=40))), 40, seconds=0.1)
    began = time.perf_counter()
    report = play(tracker.capture, tracker, first=lambda image: mask())
    elapsed = time.perf_counter() - began
    assert tracker.seen[0] == 0
    assert tracker.seen[-1] == 39
    assert tracker.seen == sorted(set(tracker.seen))
    assert 1 < len(tracker.seen) < 20
    assert report.frames == len(tracker.seen)
    assert report.dropped == 40 - report.frames
    assert 100 <= report.latency_ms <= report.latency_p90_ms < 1000 * elapsed
    assert 0.1 * (report.frames - 1) <= report.seconds <= elapsed
    assert report.fps == pytest.approx((report.frames - 1) / report.seconds, rel=0.01)


def test_a_quick_tracker_gets_all_of_them() -> None:
    tracker = Slow()
    source = camera(20, may=lambda index: len(tracker.seen) >= index)
    report = play(source, tracker, first=lambda image: mask())
    assert tracker.seen == list(range(20))
    assert (report.frames, report.dropped) == (20, 0)


def test_limits() -> None:
    assert play(camera(10**6), Slow(), first=lambda image: mask(), frames=7).frames == 7
    report = play(camera(10**6), Slow(), first=lambda image: mask(), seconds=0.2)
    assert report.seconds >= 0.2
    assert report.frames < 10**6


def test_the_interrupt_key_is_a_way_to_end() -> None:
    tracker = Slow()

    def press() -> None:
        wait_until(lambda: len(tracker.seen) > 2)
        signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)

    presser = threading.Thread(target=press)
    presser.start()
    report = play(camera(10**6), tracker, first=lambda image: mask())
    presser.join()
    assert 1 < report.frames < 10**6


def test_notes_tell_rate_latency_and_drops() -> None:
    notes: list[str] = []
    play(camera(30), Slow(0.03), first=lambda image: mask(), note=notes.append)
    assert all(part in notes[-1] for part in (" FPS, ", " ms late, ", " dropped"))


def test_a_recording_plays_at_the_speed_of_life(tmp_path: Path) -> None:
    tracker = Late(camera(40, clock=lambda index: 100 + index / 25), 40)
    report = play(tracker.capture, tracker, first=lambda image: mask(), out=str(tmp_path / "live.mp4"))
    recorded = open_frames(tmp_path / "live.mp4")
    shown = [number_of(frame) for frame in recorded]
    assert recorded.fps == 25
    assert shown == sorted(shown)
    assert set(shown) == set(tracker.seen)
    assert report.frames < len(shown) == 40


def test_a_pause_is_short_in_the_recording(tmp_path: Path) -> None:
    with open_output(str(tmp_path / "live.mp4"), Fraction(10), (HEIGHT, WIDTH)) as show:
        for at in (100.0, 100.1, 200.0, 200.1):
            show(Shot(picture(round(at) % 60), at), mask())
    assert len(list(open_frames(tmp_path / "live.mp4"))) == 13


def test_a_source_that_breaks_off_leaves_a_complete_recording(tmp_path: Path) -> None:
    source = camera(10, InputError("the test camera broke off: unplugged."))
    with pytest.raises(InputError, match="unplugged"):
        play(source, Slow(), first=lambda image: mask(), out=str(tmp_path / "live.mp4"))
    assert len(list(open_frames(tmp_path / "live.mp4"))) > 1


def test_a_source_without_a_frame() -> None:
    with pytest.raises(InputError, match="ended before its first frame"):
        play(camera(0), Slow(), first=lambda image: mask())


@pytest.mark.parametrize(
    ("out", "expected"),
    [
        ("live.avi", "live.avi is no output for live video"),
        ("none/live.mp4", "its folder does not exist"),
        ("/dev/video87", "/dev/video87 could not be written: No such file"),
    ],
)
def test_outputs_that_cannot_be(out: str, expected: str) -> None:
    with pytest.raises(OutputError, match=expected), open_output(out, Fraction(25), (HEIGHT, WIDTH)):
        pass


def test_first_mask_is_made_of_the_first_frame() -> None:
    seen: list[np.ndarray] = []

    def first(image: np.ndarray) -> np.ndarray:
        seen.append(image)
        return mask()

    play(camera(5), Slow(), first=first)
    assert [number_of(image) for image in seen] == [0]
