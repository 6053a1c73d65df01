"""How a video file is played, for videos that are made from its frames."""

import heapq
from collections.abc import Iterator
from contextlib import ExitStack
from fractions import Fraction
from pathlib import Path

import av
from av.container import InputContainer, OutputContainer

from mobilevos.video.address import ffmpeg_name
from mobilevos.video.files import discard, part_name, settled
from mobilevos.video.sound import Sound, seconds
from mobilevos.video.times import FrameTimes


class Playback:
    """When a file shows each of its frames, in which shape, and what is heard meanwhile.

    Args:
        path: of the file.
        fps: mean frames per second.
        pixel_aspect: width of an upright frame's pixels, in their heights.
        sounding: the file has sound.
        timecode: label of its first frame, if it has any, such as 01:00:00:00.

    Attributes:
        times: of the frames that were decoded.
        pixel_aspect, timecode: as given.
        warning: one sentence that says why a video lacks the source's sound or times, once that has happened.
    """

    def __init__(
        self,
        path: Path,
        fps: Fraction,
        pixel_aspect: Fraction = Fraction(1),
        sounding: bool = False,
        timecode: str | None = None,
    ) -> None:
        self._path, self._sounding = path, sounding
        self.times = FrameTimes(fps)
        self.pixel_aspect = pixel_aspect
        self.timecode = timecode
        self.warning: str | None = None

    def join(self, video: Path, first: int, count: int) -> None:
        """Give a finished silent video, made of ``count`` frames from ``first`` on, their times and their sound.

        Its pictures are copied. Where there is no sound at the time, or it cannot be had, the video stays silent;
        `warning` tells the latter.
        """
        failure: Exception | None = None
        for copy in (True, False) if self._sounding else ():
            try:
                if self._with_sound(video, first, count, copy):
                    return
                failure = None
            except Exception as error:  # whatever is wrong with a sound must not cost the pictures
                failure = error
        self._warn("sound", failure)
        if self.times.vary(first, count):
            try:
                self._rewritten(video, first, count)
            except Exception as error:  # nor what is wrong with a disk
                self._warn("frame times", failure or error)

    def _warn(self, lost: str, failure: Exception | None) -> None:
        if failure is not None:
            why = getattr(failure, "strerror", None) or str(failure)
            self.warning = f"The {lost} of {self._path} could not be kept: {why.rstrip('.')}."

    def _with_sound(self, video: Path, first: int, count: int, copy: bool) -> bool:
        """False if no sound belongs to the frames, or it cannot be copied."""
        with av.open(ffmpeg_name(self._path), metadata_errors="ignore") as source:
            sound = Sound(source)
            if copy and not sound.goes_into(video.suffix.lower()):
                return False
            return self._rewritten(video, first, count, sound, copy)

    def _rewritten(self, video: Path, first: int, count: int, sound: Sound | None = None, copy: bool = True) -> bool:
        """Replace the video by one with the right times, and with a sound; False if the sound says nothing then."""
        kind, new = video.suffix.lower(), part_name(video)
        begin, end = self.times.of(first), self.times.of(first + count - 1) + float(1 / self.times.fps)
        options = {} if kind in (".webm", ".mkv") else {"movflags": "+faststart"}
        try:
            with (
                ExitStack() as after,
                av.open(ffmpeg_name(video)) as silent,
                av.open(ffmpeg_name(new), "w", options=options) as out,
            ):
                picture_track = silent.streams.video[0]
                out.add_stream_from_template(picture_track).metadata.update(picture_track.metadata)
                heard = sound.packets(out, kind, copy, begin, end) if sound is not None else iter(())
                if heard is None:
                    return False
                for packet in heapq.merge(self._pictures(silent, out, first, count), heard, key=seconds):
                    out.mux(packet)
                after.enter_context(settled(new))  # which is closed first
            new.replace(video)
        finally:
            discard(new)
        return True

    def _pictures(self, silent: InputContainer, out: OutputContainer, first: int, count: int) -> Iterator[av.Packet]:
        """The pictures of the silent video, at the times of the source's frames if its rate varies."""
        fps, begin = float(self.times.fps), self.times.of(first)
        varies = self.times.vary(first, count)
        for packet in silent.demux(silent.streams.video[0]):
            if packet.dts is None or packet.pts is None:
                continue  # the empty one at the end
            if varies:
                # Both times are those of frames: a frame is decoded as much earlier as frames are out of order.
                tick = float(packet.time_base)
                packet.pts, packet.dts = (
                    round((self.times.of(first + round(time * tick * fps)) - begin) / tick)
                    for time in (packet.pts, packet.dts)
                )
            packet.stream = out.streams.video[0]
            yield packet
