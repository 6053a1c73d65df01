"""Small films with given times, and the times in films."""

from fractions import Fraction
from pathlib import Path

import av
import numpy as np


def write_clip(
    path: Path, times: list[int], seconds: float = 0, sound: str = "aac", size=(64, 48), beeps: bool = False
) -> Path:
    """H.264 in MP4 of brighter and brighter frames at such times in milliseconds.

    With ``seconds`` it has a tone for so long, or ``beeps``, one at the middle of each second.
    """
    with av.open(path, "w") as container:
        video = container.add_stream("libx264", rate=30)
        video.width, video.height, video.pix_fmt = *size, "yuv420p"
        video.codec_context.time_base = Fraction(1, 1000)
        video.options = {"g": "10", "crf": "12"}
        tone = container.add_stream(sound, rate=48000, layout="mono") if seconds else None
        for index, time in enumerate(times):
            picture = np.full((size[1], size[0], 3), 16 + 6 * index % 200, np.uint8)
            frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
            frame.pts, frame.time_base = time, Fraction(1, 1000)
            container.mux(video.encode(frame))
        if tone:
            wave = np.sin(np.arange(round(48000 * seconds)) * 0.06).astype(np.float32)
            if beeps:
                wave *= np.abs(np.arange(len(wave)) % 48000 - 24000) < 2400
            for start in range(0, len(wave), 1024):
                frame = av.AudioFrame.from_ndarray(wave[None, start : start + 1024], format="fltp", layout="mono")
                frame.sample_rate, frame.pts, frame.time_base = 48000, start, Fraction(1, 48000)
                container.mux(tone.encode(frame))
            container.mux(tone.encode())
        container.mux(video.encode())
    return path


def times_of(path: Path) -> tuple[list[float], float]:
    """Times of all frames, and the length of the sound, in seconds."""
    with av.open(path) as container:
        times = [float(frame.pts * frame.time_base) for frame in container.decode(video=0)]
    heard = 0.0
    with av.open(path) as container:
        if container.streams.audio:
            heard = sum(frame.samples / frame.sample_rate for frame in container.decode(audio=0))
    return times, heard


def beeps_of(path: Path) -> list[float]:
    """Seconds at which beeps begin."""
    found, is_on, quiet_since = [], False, 0.0
    with av.open(path) as container:
        for frame in container.decode(audio=0):
            start = float(frame.pts * frame.time_base)
            loud = np.abs(frame.to_ndarray().astype(np.float32)).reshape(-1, frame.samples).max(0)
            peak = 1.0 if frame.format.name.startswith("flt") else 32768.0
            for at in np.flatnonzero(loud > 0.2 * peak):
                time = start + at / frame.sample_rate
                if not is_on or time - quiet_since > 0.2:
                    found.append(time)
                is_on, quiet_since = True, time
    return found


SQUARE = 34
"""Side of the square of `square_frame`."""


def square_frame(background: np.ndarray, left: int, top: int = 70) -> np.ndarray:
    """A copy of a picture (H, W, 3) with a red and yellow square on it, as far as it is inside."""
    frame = background.copy()
    clear = slice(max(left, 0), max(left + SQUARE, 0))
    frame[top : top + SQUARE, clear] = (220, 40, 30)
    frame[top + 8 : top + 26, slice(max(left + 8, 0), max(left + 26, 0))] = (250, 220, 40)
    return frame
