"""How a video file is played, for videos that are made from its frames."""

import heapq
from collections.abc import Iterator
from contextlib import ExitStack
from fractions import Fraction
from operator import sub
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

    def join(self, video: Path, first: int, count: int, silent: bool = False) -> None:
        """Give a finished silent video, made of ``count`` frames from ``first`` on, their times and their sound.

        Its pictures are copied; ``silent`` leaves out the sound. Where there is none at the time, or it cannot be had,
        the video stays silent; `warning` tells the latter.
        """
        failure: Exception | None = None
        for copy in (True, False) if self._sounding and not silent else ():
            try:
                if self._with_sound(video, first, count, copy):
                    return
                failure = None
            except Exception as error:  # whatever is wrong with a sound must not cost the pictures
                failure = error
        self._warn("sound", failure)
        if self._varies(video, first, count):
            try:
                self._rewritten(video, first, count)
            except Exception as error:  # nor what is wrong with a disk
                self._warn("frame times", failure or error)

    def _varies(self, video: Path, first: int, count: int) -> bool:
        """Whether frames of a silent video have to be moved in time; in AVI they are where they can be."""
        return video.suffix.lower() != ".avi" and self.times.vary(first, count)

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
        kind, new, shown = video.suffix.lower(), part_name(video), self._shown(video, first, count)
        begin, end = self.times.of(first), self.times.of(first + count - 1) + float(1 / self.times.fps)
        options = {"movflags": "+faststart"} if kind in (".mp4", ".mov") else {}
        try:
            with (
                ExitStack() as after,
                av.open(ffmpeg_name(video)) as silent,
                av.open(ffmpeg_name(new), "w", options=options) as out,
            ):
                picture_track = silent.streams.video[0]
                new_track = out.add_stream_from_template(picture_track)
                new_track.metadata.update(picture_track.metadata)
                new_track.codec_context.sample_aspect_ratio = self.pixel_aspect  # only some codecs tell it themselves
                for key, value in (*silent.metadata.items(), *picture_track.metadata.items()):
                    if key.lower() == "timecode":
                        out.metadata[key] = value
                        new_track.codec_context.framerate = self.times.fps  # which labels are counted in
                heard = sound.packets(out, kind, copy, begin, end) if sound is not None else iter(())
                if heard is None:
                    return False
                for packet in heapq.merge(_pictures(silent, out, shown), heard, key=seconds):
                    out.mux(packet)
                after.enter_context(settled(new))  # which is closed first
            new.replace(video)
        finally:
            discard(new)
        return True

    def _shown(self, video: Path, first: int, count: int) -> list[int]:
        """When each picture of the silent video is to be shown, in its track's ticks and in the order of the file."""
        with av.open(ffmpeg_name(video)) as silent:
            track = silent.streams.video[0]
            ticks = [0 if packet.pts is None else packet.pts for packet in silent.demux(track) if packet.size]
            if not self._varies(video, first, count):
                return ticks
            assert track.time_base is not None
            tick, fps, begin = float(track.time_base), float(self.times.fps), self.times.of(first)
        return [round((self.times.of(first + round(time * tick * fps)) - begin) / tick) for time in ticks]


def _pictures(silent: InputContainer, out: OutputContainer, shown: list[int]) -> Iterator[av.Packet]:
    """The pictures of a silent video, at times in its track's ticks."""
    # They are decoded one after the other, and none after it is shown. Matroska does not tell when.
    decoded = sorted(shown)
    ahead = max(map(sub, decoded, shown), default=0)
    packets = (packet for packet in silent.demux(silent.streams.video[0]) if packet.size)
    for packet, pts, dts in zip(packets, shown, decoded, strict=True):
        packet.pts, packet.dts = pts, dts - ahead
        packet.stream = out.streams.video[0]
        yield packet
