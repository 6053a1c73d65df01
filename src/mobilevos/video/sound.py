"""The sound of a video file, for videos that are made from its pictures."""

from collections.abc import Iterable, Iterator
from contextlib import suppress
from itertools import chain, islice
from typing import cast

import av
from av.audio.stream import AudioStream
from av.container import InputContainer, OutputContainer
from av.error import FFmpegError
from av.filter import Graph
from av.stream import Disposition

_COPIED = {
    ".mp4": {"aac", "mp3", "ac3", "eac3", "opus"},
    ".mov": {"aac", "mp3", "ac3", "eac3", "alac"},  # and PCM
    ".webm": {"opus", "vorbis"},
    ".avi": set(),  # which knows no times: gaps have to be filled
    ".mkv": {"aac", "mp3", "ac3", "eac3", "opus", "vorbis", "flac", "alac"},
}
"""Codecs that players expect in a container; others are encoded."""
_FROM_ZERO = (".avi", ".mkv")
"""Containers in which sound that begins before the pictures delays them."""
_RATE = 48_000  # Hz, the one that every encoder takes
_AAC = "aac", {"b": "192k", "aac_coder": "fast"}  # in half the time
_ENCODERS = {"webm": ("libopus", {"b": "192k"}), "avi": ("libmp3lame", {"b": "192k"})}
"""By container, where it is not `_AAC`."""
_PROBED = 50  # packets: about a second
_LEAD_IN = 0.1  # seconds that decoders of AAC, MP3 and Opus need before they sound right


class Sound:
    """The audio track of a video file that players choose.

    Args:
        source: the file, opened anew and not yet read.

    Raises:
        ValueError: FFmpeg does not know the track's codec.
    """

    def __init__(self, source: InputContainer) -> None:
        self._source, self._track = source, _track(source)

    def goes_into(self, kind: str) -> bool:
        """Whether players expect the track's codec in a container, named by its suffix."""
        codec = self._track.codec_context.codec.canonical_name
        return codec in _COPIED[kind] or (kind == ".mov" and codec.startswith("pcm_"))

    def packets(
        self, out: OutputContainer, kind: str, copy: bool, begin: float, end: float
    ) -> Iterator[av.Packet] | None:
        """What sounds between two times of the file's clock, as packets of a new track of ``out``; None if nothing.

        Args:
            out: nothing is written to it.
            kind: its suffix.
            copy: take the packets as they are, rather than encode the sound anew.
            begin, end: seconds; the new track begins at ``begin``.
        """
        # What is decoded but not heard is none of a copy in WebM, where nothing can be before 0.
        lead_in = 0.0 if copy and kind == ".webm" else _LEAD_IN
        sounding = _packets(self._source, self._track, begin - lead_in, end)
        head = list(islice(sounding, _PROBED))
        if not head:
            return None
        _check_decodes(self._track, head)
        turn = _copied if copy else _encoded
        made = turn(out, self._track, chain(head, sounding), begin, end)
        return (packet for packet in made if seconds(packet) >= 0) if kind in _FROM_ZERO else made


def _track(source: InputContainer) -> AudioStream:
    """The track that players choose; raises ``ValueError`` if FFmpeg does not know its codec."""
    tracks = source.streams.audio
    chosen = next((track for track in tracks if track.disposition & Disposition.default), tracks[0])
    if chosen.codec_context is None:
        raise ValueError("its codec is unknown")
    return chosen


def _packets(source: InputContainer, track: AudioStream, begin: float, end: float) -> Iterator[av.Packet]:
    """The track's packets between two times of the file's clock; they end where the file breaks off."""
    latest = None
    try:
        for packet in source.demux(track):
            if packet.pts is packet.dts is None or not packet.size or packet.is_corrupt:
                continue
            time = seconds(packet)
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
        packet.pts = packet.dts = round((seconds(packet) - begin) / float(packet.time_base))
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


def seconds(packet: av.Packet) -> float:
    """When a packet is decoded, which for sound is when it is heard."""
    time = packet.pts if packet.dts is None else packet.dts
    return float((time or 0) * packet.time_base)
