"""The sound of a video file, for videos that are made from its pictures."""

import heapq
from array import array
from collections.abc import Iterable, Iterator
from contextlib import suppress
from fractions import Fraction
from itertools import chain, islice
from pathlib import Path
from typing import cast

import av
from av.audio.stream import AudioStream
from av.container import InputContainer, OutputContainer
from av.error import FFmpegError
from av.filter import Graph
from av.stream import Disposition

from mobilevos.video.files import discard, part_name

_COPIED = {
    ".mp4": {"aac", "mp3", "ac3", "eac3", "opus"},
    ".mov": {"aac", "mp3", "ac3", "eac3", "alac"},  # and PCM
    ".webm": {"opus", "vorbis"},
}
"""Codecs that players expect in a container; others are encoded."""
_RATE = 48_000  # Hz, the one that every encoder takes
_AAC = "aac", {"b": "192k", "aac_coder": "fast"}  # in half the time
_ENCODERS = {"webm": ("libopus", {"b": "192k"})}
"""By container, where it is not `_AAC`."""
_PROBED = 50  # packets: about a second
_LEAD_IN = 0.1  # seconds that decoders of AAC, MP3 and Opus need before they sound right
_NOTICED = 0.045  # seconds that sound may be early before viewers notice (ITU-R BT.1359)
_SHORTEST = 0.001  # seconds from frame to frame: WebM counts in these


class Sound:
    """The audio track of a video file that players choose, and when the file shows each of its frames.

    Attributes:
        warning: one sentence that says why a video has no sound although its source does, once that has happened.
    """

    def __init__(self, path: Path, fps: Fraction) -> None:
        self._path, self._fps = path, fps
        self._times = array("d")
        self.warning: str | None = None

    @classmethod
    def of(cls, container: InputContainer, path: Path, fps: Fraction) -> "Sound | None":
        """The sound of the video at ``path``, opened as ``container``; None if it has none."""
        return cls(path, fps) if container.streams.audio else None

    def saw(self, index: int, time: float | None) -> None:
        """Frame ``index``, from 0 and in order, is shown at ``time``, seconds of the file's clock, if it says so."""
        if index == len(self._times):
            if time is None or (index and time < self._times[-1] + _SHORTEST):  # recordings joined, for one
                time = self._time(index)
            self._times.append(time)

    def join(self, video: Path, first: int, count: int) -> None:
        """Give a finished silent video, made of ``count`` frames from ``first`` on, their sound.

        Its pictures are copied, and shown when the source shows them if its frame rate varies. Where there is no
        sound at the time, or it cannot be had, the video stays as it is; `warning` tells the latter.
        """
        joined = part_name(video)
        failure: Exception | None = None
        for copy in (True, False):
            try:
                with av.open(str(self._path), metadata_errors="ignore") as source:
                    if copy and not _goes_into(video.suffix.lower(), _track(source)):
                        continue
                    if self._joined(source, video, joined, first, count, copy):
                        joined.replace(video)
                return
            except Exception as error:  # whatever is wrong with a sound must not cost the pictures
                failure = error
            finally:
                discard(joined)
        why = getattr(failure, "strerror", None) or str(failure)
        self.warning = f"The sound of {self._path} could not be kept: {why.rstrip('.')}."

    def _joined(self, source: InputContainer, video: Path, joined: Path, first: int, count: int, copy: bool) -> bool:
        """Write ``joined``; False if no sound belongs to the frames."""
        track, kind = _track(source), video.suffix.lower()
        begin, end = self._time(first), self._time(first + count - 1) + float(1 / self._fps)
        # What is decoded but not heard is none of a copy in WebM, where nothing can be before 0.
        lead_in = 0.0 if copy and kind == ".webm" else _LEAD_IN
        sounding = _packets(source, begin - lead_in, end)
        head = list(islice(sounding, _PROBED))
        if not head:
            return False
        _check_decodes(track, head)
        options = {} if kind == ".webm" else {"movflags": "+faststart"}
        with av.open(str(video)) as silent, av.open(str(joined), "w", options=options) as out:
            picture_track = silent.streams.video[0]
            out.add_stream_from_template(picture_track).metadata.update(picture_track.metadata)
            turn = _copied if copy else _encoded
            sound = turn(out, track, chain(head, sounding), begin, end)
            for packet in heapq.merge(self._pictures(silent, out, first, count), sound, key=_seconds):
                out.mux(packet)
        return True

    def _time(self, index: int) -> float:
        """When the file shows frame ``index``; before and after those seen, as the mean rate has it."""
        if not self._times:
            return 0.0
        nearest = min(max(index, 0), len(self._times) - 1)
        return self._times[nearest] + float((index - nearest) / self._fps)

    def _pictures(self, silent: InputContainer, out: OutputContainer, first: int, count: int) -> Iterator[av.Packet]:
        """The pictures of the silent video, at the times of the source's frames if its rate varies."""
        fps, begin = float(self._fps), self._time(first)
        varies = any(abs(self._time(first + k) - begin - k / fps) > _NOTICED for k in range(count))
        for packet in silent.demux(silent.streams.video[0]):
            if packet.dts is None or packet.pts is None:
                continue  # the empty one at the end
            if varies:
                # Both times are those of frames: a frame is decoded as much earlier as frames are out of order.
                tick = float(packet.time_base)
                packet.pts, packet.dts = (
                    round((self._time(first + round(time * tick * fps)) - begin) / tick)
                    for time in (packet.pts, packet.dts)
                )
            packet.stream = out.streams.video[0]
            yield packet


def _track(source: InputContainer) -> AudioStream:
    """The track that players choose; raises ``ValueError`` if FFmpeg does not know its codec."""
    tracks = source.streams.audio
    chosen = next((track for track in tracks if track.disposition & Disposition.default), tracks[0])
    if chosen.codec_context is None:
        raise ValueError("its codec is unknown")
    return chosen


def _goes_into(kind: str, track: AudioStream) -> bool:
    """Players expect the track's codec in a container."""
    codec = track.codec_context.codec.canonical_name
    return codec in _COPIED[kind] or (kind == ".mov" and codec.startswith("pcm_"))


def _packets(source: InputContainer, begin: float, end: float) -> Iterator[av.Packet]:
    """The track's packets between two times of the file's clock; they end where the file breaks off."""
    latest = None
    try:
        for packet in source.demux(_track(source)):
            if packet.pts is packet.dts is None or not packet.size or packet.is_corrupt:
                continue
            time = _seconds(packet)
            if time >= end:
                return
            ahead = latest is None or time > latest
            if ahead and time + float((packet.duration or 1) * packet.time_base) > begin:
                latest = time
                yield packet
    except FFmpegError:
        if latest is None:
            raise


def _check_decodes(track: AudioStream, packets: list[av.Packet]) -> None:
    """Raise what the decoder says if it refuses most of some packets."""
    refused: list[FFmpegError] = []
    for packet in packets:
        try:
            packet.decode()
        except FFmpegError as error:
            refused.append(error)
    track.codec_context.flush_buffers()
    if len(refused) * 2 > len(packets):
        raise refused[0]


def _copied(
    out: OutputContainer, track: AudioStream, packets: Iterable[av.Packet], begin: float, end: float
) -> Iterator[av.Packet]:
    """The packets as they are, in a new track that begins at ``begin``."""
    copy = out.add_stream_from_template(track)
    for packet in packets:
        # Sound has no other order to be decoded in, though some files give just one of the two times.
        packet.pts = packet.dts = round((_seconds(packet) - begin) / float(packet.time_base))
        packet.stream = copy
        yield packet


def _encoded(
    out: OutputContainer, track: AudioStream, packets: Iterable[av.Packet], begin: float, end: float
) -> Iterator[av.Packet]:
    """What sounds between two times, encoded for the container in a new track, with silence where there is nothing."""
    codec, options = _ENCODERS.get(out.format.name, _AAC)
    layout = "mono" if track.codec_context.channels == 1 else "stereo"
    encoder = cast(AudioStream, out.add_stream(codec, rate=_RATE, layout=layout, options=options))
    graph = Graph()
    graph.link_nodes(
        graph.add_abuffer(template=track),
        graph.add("atrim", f"start={begin}:end={end}"),
        graph.add("asetpts", f"PTS-{begin}/TB"),
        graph.add("aresample", f"{_RATE}:async=1:first_pts=0"),
        graph.add("aformat", f"sample_fmts={encoder.codec_context.format.name}:channel_layouts={layout}"),
        graph.add("abuffersink"),
    ).configure()
    for packet in packets:
        with suppress(FFmpegError):  # of a damaged packet: the others still sound
            for frame in packet.decode():
                graph.push(frame)
        yield from _drained(graph, encoder)
    graph.push(None)
    yield from _drained(graph, encoder)
    yield from encoder.encode(None)


def _drained(graph: Graph, encoder: AudioStream) -> Iterator[av.Packet]:
    """What an encoder makes of the frames that filters have ready."""
    while True:
        try:
            frame = cast(av.AudioFrame, graph.pull())
        except (BlockingIOError, EOFError):  # no more for now, no more at all
            return
        yield from encoder.encode(frame)


def _seconds(packet: av.Packet) -> float:
    """When a packet is decoded, which for sound is when it is heard."""
    time = packet.pts if packet.dts is None else packet.dts
    return float((time or 0) * packet.time_base)
