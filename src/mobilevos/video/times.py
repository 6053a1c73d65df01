"""When a video shows each of its frames."""

from array import array
from contextlib import suppress
from fractions import Fraction

from av.container import InputContainer
from av.error import FFmpegError
from av.video.stream import VideoStream

_SHORTEST = 0.001  # seconds from frame to frame: WebM counts in these
_NOTICED = 0.005  # seconds; clocks that count milliseconds put the frames of a constant rate 1 ms off
_MEASURED = 600  # packets that tell a rate
_AGREES = 0.01  # part by which a rate that is told may differ from what is measured


class FrameTimes:
    """Times of a video's frames, seconds of its own clock, as they become known.

    Args:
        fps: mean frames per second.
    """

    def __init__(self, fps: Fraction) -> None:
        self.fps = fps
        self._times = array("d")

    def saw(self, index: int, time: float | None) -> None:
        """Frame ``index``, from 0 and in order, is shown at ``time``, if the file says so."""
        if index == len(self._times):
            if time is None or (index and time < self._times[-1] + _SHORTEST):  # recordings joined, for one
                time = self.of(index)
            self._times.append(time)

    def of(self, index: int) -> float:
        """When frame ``index`` is shown; before and after those seen, as the mean rate has it."""
        if not self._times:
            return float(index / self.fps)
        nearest = min(max(index, 0), len(self._times) - 1)
        return self._times[nearest] + float((index - nearest) / self.fps)

    def vary(self, first: int, count: int) -> bool:
        """Whether ``count`` frames from ``first`` on are not shown as a constant rate has it."""
        begin = self.of(first)
        return any(abs(self.of(first + k) - begin - float(k / self.fps)) > _NOTICED for k in range(count))


def mean_rate(container: InputContainer, stream: VideoStream) -> Fraction | None:
    """Frames per second of a track, from a container at its beginning, which is read on; None if nothing tells.

    MP4 counts the frames exactly. Elsewhere headers may say what an encoder was set to, or how finely a clock counts:
    they are believed if the track's first packets agree.
    """
    told = [Fraction(rate) for rate in (stream.average_rate, stream.guessed_rate) if rate]
    if "mp4" in container.format.name and told:
        return told[0]
    measured = _measured(container, stream)
    if measured is None:
        return next(iter(told), None)
    return next((rate for rate in told if abs(rate / measured - 1) <= _AGREES), measured)


def _measured(container: InputContainer, stream: VideoStream) -> Fraction | None:
    times = set[int]()
    with suppress(FFmpegError):  # what came before it counts
        for packet in container.demux(stream):
            if packet.pts is not None:
                times.add(packet.pts)
            if len(times) == _MEASURED:
                break
    span = (max(times) - min(times)) * (stream.time_base or 0) if times else 0
    return Fraction((len(times) - 1) / span).limit_denominator(1001) if span else None
