"""Decoding a track, past what is damaged."""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field

import av
from av.container import InputContainer
from av.error import FFmpegError
from av.video.stream import VideoStream

_MOST_FAILURES = 50
"""Of a demuxer in a row; some would fail for ever."""


@dataclass(frozen=True)
class Decoded:
    """A picture that a decoder gave.

    Attributes:
        frame: the picture.
        damaged: the decoder made up a part of it.
        after_gap: if data are missing at the end, pictures that precede this one may be among them.
        lost: times, on the track's clock, of packets just before it that gave no picture, as data were damaged.
        resumed: it is the first one after such damage, whether or not anything tells how many are lost.
    """

    frame: av.VideoFrame
    damaged: bool
    after_gap: bool
    lost: list[int] = field(default_factory=list)
    resumed: bool = False

    @property
    def sure(self) -> bool:
        """Nothing that follows can put it in doubt."""
        return not (self.damaged or self.after_gap)


def decode(container: InputContainer, stream: VideoStream, strict: bool = False) -> Iterator[Decoded]:
    """All pictures in display order.

    Once pictures flow, an error of the demuxer or decoder is got over: decoding goes on at the next key frame. If there
    is none, or if it is ``strict``, the error is raised after the pictures before it. Earlier errors are skipped:
    recordings that join a broadcast begin with undecodable packets.
    """
    packets = container.demux(stream)
    incomplete: set[int] = set()  # times of packets that the demuxer knows to lack data
    awaited: set[int] = set()  # of those that gave no picture yet
    decoded_to: int | None = None
    started = False
    failures = 0
    broken: FFmpegError | None = None  # what went wrong, until a key frame
    entry: int | None = None  # time of that key frame, until it is shown
    while True:
        try:
            packet = next(packets, None)
            if packet is None:
                break
            failures = 0
            if packet.pts is not None:
                awaited.add(packet.pts)
                if packet.is_corrupt:
                    incomplete.add(packet.pts)
            if broken and entry is None and packet.size:
                if not packet.is_keyframe or packet.pts is None:
                    continue
                stream.codec_context.flush_buffers()
                entry = packet.pts
            flushed = packet.size == 0
            frames = [] if flushed and broken and entry is None else packet.decode()
            decoded_to = decoded_to if packet.dts is None else packet.dts
        except FFmpegError as error:
            failures += 1
            packets = container.demux(stream)  # the one that raised has ended
            if failures > _MOST_FAILURES:
                broken = broken or error
                break
            if not started:
                continue
            frames, flushed = [], False
            if not broken:  # what follows on a gap is lost, too
                cut = -1 if decoded_to is None else decoded_to
                frames = [f for f in _flush(stream) if f.pts is not None and f.pts <= cut]
            broken, entry = broken or error, None
            if isinstance(error, OSError):
                failures = _MOST_FAILURES
        started = started or bool(frames)
        for frame in frames:
            resumed = entry is not None
            if entry is not None and (frame.pts is None or frame.pts < entry):
                continue  # it refers to what is lost
            lost = sorted(time for time in awaited if time < frame.pts) if broken and frame.pts is not None else []
            # Packets come in order of their dts and none has a pts below it, so up to the last dts
            # nothing can be missing. Later frames are decoded ahead, for B-frames to refer to.
            settled = frame.pts is not None and decoded_to is not None and frame.pts <= decoded_to
            damaged = frame.is_corrupt or frame.pts in incomplete
            yield Decoded(frame, damaged, flushed and not settled, lost, resumed)
            if frame.pts is not None:
                awaited = {time for time in awaited if time > frame.pts}
                incomplete.discard(frame.pts)
            if resumed:
                broken = entry = None
        if broken and strict:
            break
    if broken:
        raise broken


def _flush(stream: VideoStream) -> list[av.VideoFrame]:
    """The frames that the decoder still holds."""
    frames: list[av.VideoFrame] = []
    with suppress(FFmpegError):
        frames = stream.codec_context.decode(None)
    return frames
