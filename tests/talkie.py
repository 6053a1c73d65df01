"""Videos with sound, in which a tone begins when the pictures turn bright, and a look at when both do."""

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import NamedTuple

import av
import numpy as np
from av.stream import Disposition

HEIGHT, WIDTH, RATE = 48, 64, 48_000
BEGIN = 1.5
"""Seconds after the first picture at which both change."""
TIMES = [index / 24 for index in range(72)]


class Seen(NamedTuple):
    """What is in a video file, in seconds."""

    codec: str | None
    """Of the sound; None if there is none."""
    tone: float | None
    """When it is first heard."""
    silent_from: float
    """When the sound ends."""
    bright: float | None
    """When the first bright picture is shown."""
    pictures: list[float]
    """When each picture is shown."""


def save_talkie(
    path: Path,
    codec: str = "aac",
    *,
    pictures: str = "libx264",
    times: Sequence[float] = TIMES,
    begin: float = BEGIN,
    sounds: tuple[float, float] = (0.0, 3.0),
    decoy: bool = False,
    index_first: bool = False,
) -> Path:
    """Write a video with sound.

    Args:
        path: its suffix chooses the container.
        codec: of the sound.
        pictures: codec of the pictures.
        times: when each is shown, seconds.
        begin: when they turn bright and the tone begins.
        sounds: when the sound, which is silence before the tone, begins and ends.
        decoy: a first audio track that is all tone, while the second is the default.
        index_first: an MP4 file that can be cut off.
    """
    rng = np.random.default_rng(0)
    options = {"movflags": "+faststart"} if index_first else {}
    with av.open(str(path), "w", options=options) as container:
        quick = {"libx264": {"preset": "ultrafast", "bf": "2"}, "libvpx-vp9": {"deadline": "realtime", "cpu-used": "8"}}
        video = container.add_stream(pictures, rate=24, options=quick[pictures])
        video.height, video.width, video.pix_fmt = HEIGHT, WIDTH, "yuv420p"
        video.codec_context.time_base = Fraction(1, 24_000)
        tracks = [container.add_stream(codec, rate=RATE, layout="mono") for _ in range(1 + decoy)]
        if decoy:
            tracks[0].disposition = Disposition(0)
            tracks[1].disposition = Disposition.default
        for time in times:
            frame = rng.integers(0, 60, (HEIGHT, WIDTH, 3), dtype=np.uint8) + np.uint8(150 * (time >= begin - 1e-6))
            picture = av.VideoFrame.from_ndarray(frame, "rgb24")
            picture.pts, picture.time_base = round(time * 24_000), Fraction(1, 24_000)
            container.mux(video.encode(picture))
        container.mux(video.encode(None))
        at = np.arange(round(sounds[0] * RATE), round(sounds[1] * RATE))
        for track in tracks:
            heard = (at >= begin * RATE) | (decoy and track is tracks[0])
            samples = (0.5 * np.sin(at * (2 * np.pi * 880 / RATE)) * heard).astype(np.float32)
            for start in range(0, len(samples), 960):
                sound = av.AudioFrame.from_ndarray(samples[None, start : start + 960].copy(), "flt", "mono")
                sound.sample_rate, sound.pts, sound.time_base = RATE, int(at[start]), Fraction(1, RATE)
                container.mux(track.encode(sound))
            container.mux(track.encode(None))
    return path


def ruin_sound(path: Path) -> None:
    """Overwrite the first audio track of an MP4 file with noise; everything else stays."""
    with av.open(str(path)) as container:
        places = [(packet.pos, packet.size) for packet in container.demux(audio=0) if packet.size]
    data = bytearray(path.read_bytes())
    for start, size in places:
        data[start : start + size] = np.random.default_rng(start).bytes(size)
    path.write_bytes(data)


def look(path: Path) -> Seen:
    """Decode everything in a file."""
    with av.open(str(path)) as container:
        shown = [(frame.time or 0.0, frame.to_ndarray(format="gray").mean()) for frame in container.decode(video=0)]
        light = [mean for _, mean in shown]
        bright = None
        if max(light) - min(light) > 40:
            bright = next(time for time, mean in shown if mean > (min(light) + max(light)) / 2)
    codec, tone, end = None, None, 0.0
    with av.open(str(path)) as container:
        if container.streams.audio:
            codec = container.streams.audio[0].codec_context.codec.canonical_name
            for sound in container.decode(audio=0):
                samples = av.AudioResampler("flt", "mono", sound.sample_rate).resample(sound)[0].to_ndarray()[0]
                loud = np.flatnonzero(np.abs(samples) > 0.1)
                if tone is None and len(loud):
                    tone = sound.time + int(loud[0]) / sound.sample_rate
                end = sound.time + sound.samples / sound.sample_rate
    return Seen(codec, tone, end, bright, [time for time, _ in shown])
