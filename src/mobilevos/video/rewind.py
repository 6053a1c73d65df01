"""Video files backwards: decoders only go forwards, so it is done chunk by chunk, the last one first."""

from array import array
from bisect import bisect_left
from collections import deque
from collections.abc import Callable, Generator, Sequence
from contextlib import closing
from typing import TypeVar

import av

from mobilevos.video.source import beyond_end

BUDGET = 256 * 2**20
"""Bytes of decoded pictures in memory; 400 of 480p, more than encoders usually put between two key frames."""
_FEWEST = 8

Pictures = Generator[av.VideoFrame]
Frame = TypeVar("Frame")


def rewind(
    name: str,
    pictures: Callable[[], Pictures],
    pictures_from: Callable[[int], Pictures],
    last: int,
    convert: Callable[[av.VideoFrame], Frame],
) -> Generator[Frame]:
    """Pictures ``last``, ``last - 1``, ... to 0, converted.

    A first pass forwards notes the time of each picture (8 bytes) and which are key frames. Then each chunk is decoded
    from the key frame that a seek finds; where it leads is told by exact times. Without times, or where the seek leads
    past the chunk, it is decoded from the beginning.

    Args:
        name: of the video, for messages.
        pictures: decodes from the beginning, in display order.
        pictures_from: decodes from the key frame at or before a time on; a few before it may be damaged.
        last: index of a picture, from 0.
        convert: gives what is wanted of a picture, which must not outlive the call.

    Raises:
        InputError: there is no picture ``last``.
    """
    times, keys, chunk = array("q"), array("q"), deque[av.VideoFrame]()
    timed = True
    with closing(pictures()) as everything:
        for index, picture in enumerate(everything):
            time = -1 if picture.pts is None else picture.pts
            timed = timed and picture.pts is not None and (not times or time > times[-1])
            times.append(time)
            if picture.key_frame:
                keys.append(index)
            chunk.append(picture)
            if len(chunk) > max(_FEWEST, BUDGET // _bytes(picture)):
                chunk.popleft()
            if index == last:
                break
        else:
            raise beyond_end(name, last, len(times))
    del picture  # as long as one picture lives, its decoder keeps the memory of all
    size, end = len(chunk), last + 1
    while True:
        end -= len(chunk)
        while chunk:
            yield convert(chunk.pop())
        if end == 0:
            return
        chunk = (timed and _sought(pictures_from, times, keys, end, size)) or _counted(pictures, end, size)


def _sought(
    pictures_from: Callable[[int], Pictures], times: Sequence[int], keys: Sequence[int], end: int, size: int
) -> deque[av.VideoFrame] | None:
    """Up to ``size`` pictures before ``end``, found by seeking; None if it does not lead there."""
    entry = bisect_left(keys, end - size)  # nothing from it on is decoded in vain
    if entry == len(keys) or keys[entry] >= end:
        entry -= 1
    if entry < 0:
        return None
    # Some containers search by the time of decoding, which is earlier: they need an earlier aim.
    for aim in (entry, max(entry - 1, 0)):
        chunk = deque[av.VideoFrame](maxlen=size)
        expected = keys[entry]
        with closing(pictures_from(times[keys[aim]])) as some:
            for picture in some:
                if picture.pts is None or picture.pts > times[expected]:
                    break
                if picture.pts == times[expected]:
                    chunk.append(picture)
                    expected += 1
                    if expected == end:
                        return chunk
    return None


def _counted(pictures: Callable[[], Pictures], end: int, size: int) -> deque[av.VideoFrame]:
    """Up to ``size`` pictures before ``end``, counted from the beginning."""
    with closing(pictures()) as everything:
        return deque((picture for _, picture in zip(range(end), everything, strict=False)), maxlen=size)


def _bytes(picture: av.VideoFrame) -> int:
    return sum(plane.buffer_size for plane in picture.planes)
