"""The live loop: the newest frame, its masks, on display, again; and how late they are."""

import time
from collections import deque
from collections.abc import Callable
from contextlib import ExitStack, suppress
from dataclasses import asdict, dataclass
from statistics import median
from typing import Any, Protocol

import numpy as np

from mobilevos.errors import InputError, MobileVOSError
from mobilevos.live.capture import SILENT_SECONDS, Capture, Shot
from mobilevos.live.draft import Changes
from mobilevos.live.newest import Newest
from mobilevos.live.outputs import open_output
from mobilevos.tracker import Tracker

_REMEMBERED = 100_000  # latencies: an hour at 30 FPS
_RECENT = 30
_WAIT_SECONDS = 0.01


@dataclass(frozen=True)
class Report:
    """What a live session did.

    Attributes:
        frames: number of frames shown.
        dropped: frames that came while an earlier one was worked on, and gave way to a newer one; pauses do not count.
        seconds: from the first frame shown to the last, without pauses.
        fps: frames shown per second.
        latency_ms: median time from a frame's capture to its masks on display.
        latency_p90_ms: nine of ten frames were at most this late.
    """

    frames: int
    dropped: int
    seconds: float
    fps: float
    latency_ms: float
    latency_p90_ms: float

    def to_dict(self) -> dict[str, Any]:
        """As plain values, ready for JSON."""
        return asdict(self)


class Window(Protocol):
    """What a session needs of a window; `mobilevos.live.window.DrawingWindow` is one.

    Attributes:
        closed: the user has quit.
    """

    closed: bool

    @property
    def paused(self) -> bool:
        """The user is at work on the frame shown last."""

    def show(self, labels: np.ndarray, image: np.ndarray, ids: list[int], note: str) -> None:
        """Put an (H, W) label map over its frame on the screen, with a line of figures; ``ids`` are all objects."""

    def attend(self) -> None:
        """Take in what the user did by now."""

    def changes(self) -> Changes | None:
        """What the user changed in the frame shown last; each change is told once."""


def play(
    capture: Capture,
    tracker: Tracker,
    *,
    first: Callable[[np.ndarray], np.ndarray] | None = None,
    window: Window | None = None,
    out: str | None = None,
    seconds: float | None = None,
    frames: int | None = None,
    note: Callable[[str], None] = lambda text: None,
) -> Report:
    """Follow objects through a live source until it ends, a limit is reached, or the user quits (window or Ctrl-C).

    Args:
        capture: the source; it is closed at the end.
        tracker: a fresh one.
        first: makes the (H, W) label map of the first frame from it; None where the user draws in the window.
        window: to show and change masks in.
        out: a further place for the results (`mobilevos.live.outputs.open_output`).
        seconds: to show frames for, without pauses; None for no limit.
        frames: to show; None for no limit.
        note: called after each frame with its figures in a few words.

    Raises:
        InputError: the source gave no frame or broke off; what is recorded by then is complete.
        OutputError: the results cannot be written.
    """
    figures = _Figures()
    failure: MobileVOSError | None = None
    with ExitStack() as stack:
        shot = next(capture.shots, None)
        if shot is None:
            raise InputError(f"{capture.name} ended before its first frame; give another source.")
        size = shot.image.shape[:2]
        output = stack.enter_context(open_output(out, capture.fps, size, capture.pixel_aspect)) if out else None
        newest = stack.enter_context(Newest(capture.shots, max(SILENT_SECONDS, float(2 / capture.fps))))
        labels = tracker.start(shot.image, first(shot.image)) if first else np.zeros(size, np.uint8)
        started = first is not None
        stack.enter_context(suppress(KeyboardInterrupt))
        try:
            while True:
                if output is not None:
                    output(shot, labels)
                if window is not None:
                    window.show(labels, shot.image, list(tracker.objects), figures.note(tracker))
                figures.shown(shot, newest.dropped)
                note(figures.note(tracker))
                if figures.frames == frames or (seconds is not None and figures.seconds >= seconds):
                    break
                changes, following = _next(newest, window, figures)
                if changes is not None:
                    started = _apply(changes, tracker, shot, started) or started
                if following is None:
                    break
                shot = following
                labels = tracker.step(shot.image) if started else np.zeros(size, np.uint8)
        except MobileVOSError as error:
            failure = error
    if failure is not None:
        raise failure
    return figures.report()


def _next(newest: Newest[Shot], window: Window | None, figures: "_Figures") -> tuple[Changes | None, Shot | None]:
    """What the user changed in the frame shown, and the frame that follows it; None where all is over."""
    changes = None
    while True:
        if window is not None:
            window.attend()
            if window.paused:
                began, dropped = time.perf_counter(), newest.dropped
                while window.paused and not window.closed:
                    time.sleep(_WAIT_SECONDS)
                    window.attend()
                figures.paused(time.perf_counter() - began, newest.dropped - dropped)
            if window.closed:
                return changes, None
            changes = window.changes() or changes
        shot = newest.take(_WAIT_SECONDS)
        if shot is not None or newest.ended:
            return changes, shot


def _apply(changes: Changes, tracker: Tracker, shot: Shot, started: bool) -> bool:
    """Tell the tracker, whose newest frame is ``shot``; whether it has anything to follow."""
    for object_id in changes.removed:
        tracker.remove(object_id)
    if changes.mask.any():
        if started:
            tracker.add(changes.mask)
        else:
            tracker.start(shot.image, changes.mask)
        return True
    return False


class _Figures:
    """Counts frames, drops and latencies, in finite memory."""

    def __init__(self) -> None:
        self.frames, self._dropped, self._paused = 0, 0, 0.0
        self._dropped_in_pauses = 0
        self._began = self._newest = 0.0
        self._latencies: deque[float] = deque(maxlen=_REMEMBERED)

    @property
    def seconds(self) -> float:
        return self._newest - self._began - self._paused

    def shown(self, shot: Shot, dropped: int) -> None:
        self._newest = time.perf_counter()
        self._began = self._began or self._newest
        self.frames += 1
        self._dropped = dropped
        self._latencies.append(1000 * (self._newest - shot.at))

    def paused(self, seconds: float, dropped: int) -> None:
        self._paused += seconds
        self._dropped_in_pauses += dropped

    def note(self, tracker: Tracker) -> str:
        """A line for the newest frame: rate, recent latency, drops, and objects out of sight."""
        if not self._latencies:
            return ""
        recent = median(list(self._latencies)[-_RECENT:])
        hidden = [f"{i} {state.state}" for i, state in tracker.objects.items() if state.state != "visible"]
        dropped = self._dropped - self._dropped_in_pauses
        return ", ".join([f"{self._fps():.1f} FPS", f"{recent:.0f} ms late", f"{dropped} dropped", *hidden])

    def report(self) -> Report:
        median_ms, p90_ms = np.percentile(self._latencies or [0.0], (50, 90))
        return Report(
            frames=self.frames,
            dropped=self._dropped - self._dropped_in_pauses,
            seconds=round(self.seconds, 3),
            fps=round(self._fps(), 2),
            latency_ms=round(float(median_ms), 1),
            latency_p90_ms=round(float(p90_ms), 1),
        )

    def _fps(self) -> float:
        return (self.frames - 1) / self.seconds if self.frames > 1 else 0.0
