"""Videos made of a video's pictures have its sound, in time; real files of many kinds."""

import os
from pathlib import Path

import av
import numpy as np
import pytest

from mobilevos.video.alpha_video import ALPHA_SUFFIXES, AlphaWriter
from mobilevos.video.playback import Playback
from mobilevos.video.reader import open_frames
from mobilevos.video.source import FrameSource
from mobilevos.video.writer import VideoWriter
from mobilevos.video.writers import writer_for
from talkie import BEGIN, TIMES, look, ruin_sound, save_talkie

IN_SYNC = 0.05  # seconds


def rewrite(video: Path, suffix: str = ".mp4", first: int = 0, count: int | None = None) -> tuple[Path, FrameSource]:
    """Pass the frames of a video on to a new one."""
    out = video.parent / "out" / f"new{suffix}"
    out.parent.mkdir(exist_ok=True)
    frames = open_frames(video)
    alpha = suffix in ALPHA_SUFFIXES
    with (AlphaWriter if alpha else writer_for(out))(out, frames.fps, frames.size, frames.playback, first) as writer:
        for frame, _ in zip(frames.forward(first), range(count or len(TIMES)), strict=False):
            writer.write(np.dstack([frame, np.full_like(frame[..., :1], 255)]) if alpha else frame)
    assert os.listdir(out.parent) == [out.name]
    return out, frames


def payload(path: Path) -> bytes:
    with av.open(str(path)) as container:
        return b"".join(bytes(packet) for packet in container.demux(audio=0) if packet.size)


KINDS = [
    ("a.mp4", "aac", "libx264", ".mp4", "aac", True),
    ("a.mp4", "aac", "libx264", ".mov", "aac", True),
    ("a.mp4", "aac", "libx264", ".webm", "opus", False),
    ("a.ts", "aac", "libx264", ".mp4", "aac", False),  # copied, less the headers of each packet
    ("a.mkv", "libmp3lame", "libx264", ".mp4", "mp3", True),
    ("a.mkv", "ac3", "libx264", ".mp4", "ac3", True),
    ("a.mkv", "flac", "libx264", ".mp4", "aac", False),
    ("a.mp4", "aac", "libx264", ".mkv", "aac", True),
    ("a.mkv", "ac3", "libx264", ".mkv", "ac3", True),
    ("a.mov", "pcm_s16le", "libx264", ".mkv", "aac", False),
    ("a.mkv", "libmp3lame", "libx264", ".avi", "mp3", False),
    ("a.mov", "pcm_s16le", "libx264", ".mov", "pcm_s16le", True),
    ("a.mov", "pcm_s16le", "libx264", ".mp4", "aac", False),
    ("a.webm", "libopus", "libvpx-vp9", ".webm", "opus", True),
    ("a.webm", "libopus", "libvpx-vp9", ".mp4", "opus", True),
    ("a.webm", "libopus", "libvpx-vp9", ".mov", "aac", False),
]


@pytest.mark.parametrize(("name", "codec", "pictures", "suffix", "expected", "copied"), KINDS)
def test_sound_in_time(
    tmp_path: Path, name: str, codec: str, pictures: str, suffix: str, expected: str, copied: bool
) -> None:
    video = save_talkie(tmp_path / name, codec, pictures=pictures, sounds=(0.0, 5.0))  # longer than the pictures
    given = look(video)
    out, frames = rewrite(video, suffix)
    made = look(out)
    assert made.codec == expected
    assert frames.warning is None
    assert made.pictures == pytest.approx(TIMES, abs=1e-3)
    assert made.bright == pytest.approx(BEGIN, abs=1e-3)
    assert made.tone == pytest.approx(BEGIN, abs=IN_SYNC)
    assert made.silent_from == pytest.approx(3, abs=IN_SYNC)
    assert given.silent_from > 4.5
    assert open_frames(out).fps == 24
    if copied:
        assert payload(out) in payload(video)
    if suffix == ".mp4":
        data = out.read_bytes()
        assert data.index(b"moov") < data.index(b"mdat")


@pytest.mark.parametrize("suffix", [".mp4", ".webm", ".mkv", ".avi"])
@pytest.mark.parametrize(("name", "codec"), [("a.mp4", "aac"), ("a.mkv", "flac")])
def test_frames_from_the_middle_have_the_sound_of_their_time(
    tmp_path: Path, name: str, codec: str, suffix: str
) -> None:
    out, _ = rewrite(save_talkie(tmp_path / name, codec), suffix, first=20, count=30)
    made = look(out)
    assert made.pictures == pytest.approx(TIMES[:30], abs=1e-3)
    assert made.bright == pytest.approx(BEGIN - TIMES[20], abs=1e-3)
    assert made.tone == pytest.approx(made.bright, abs=IN_SYNC)
    assert made.silent_from == pytest.approx(30 / 24, abs=IN_SYNC)


@pytest.mark.parametrize("suffix", [".mp4", ".mov", ".webm", ".mkv", ".avi"])
@pytest.mark.parametrize(("pictures_from", "sound_from"), [(0.0, 0.7), (0.7, 0.0)])
def test_tracks_that_begin_at_different_times(
    tmp_path: Path, suffix: str, pictures_from: float, sound_from: float
) -> None:
    times = [pictures_from + time for time in TIMES]
    begin = times[36]
    video = save_talkie(tmp_path / "a.mkv", times=times, begin=begin, sounds=(sound_from, 4.0))
    assert look(video).pictures[0] == pytest.approx(pictures_from, abs=0.1)
    made = look(rewrite(video, suffix)[0])
    assert made.pictures == pytest.approx(TIMES, abs=1e-3)
    assert made.bright == pytest.approx(1.5, abs=1e-3)
    assert made.tone == pytest.approx(made.bright, abs=IN_SYNC)
    assert made.silent_from == pytest.approx(3, abs=IN_SYNC)


@pytest.mark.parametrize("suffix", [".mp4", ".mov", ".webm", ".mkv"])
@pytest.mark.parametrize("first", [0, 10])
def test_a_rate_that_varies(tmp_path: Path, suffix: str, first: int) -> None:
    times = np.concatenate([np.arange(30) / 15, 2 + np.arange(40) / 60])
    video = save_talkie(tmp_path / "a.mp4", times=times.tolist(), begin=2.0)
    made = look(rewrite(video, suffix, first)[0])
    assert made.pictures == pytest.approx((times[first:] - times[first]).tolist(), abs=2e-3)
    assert made.tone == pytest.approx(2 - times[first], abs=IN_SYNC)
    assert made.bright == pytest.approx(made.tone, abs=IN_SYNC)


def test_the_default_track_is_taken(tmp_path: Path) -> None:
    video = save_talkie(tmp_path / "a.mkv", decoy=True)
    assert look(video).tone == pytest.approx(0, abs=IN_SYNC)  # of the first track
    assert look(rewrite(video)[0]).tone == pytest.approx(BEGIN, abs=IN_SYNC)


def test_recordings_joined_end_to_end_keep_their_pictures(tmp_path: Path) -> None:
    """The clock goes back to the beginning in the middle."""
    once = save_talkie(tmp_path / "a.ts", times=TIMES[:36], begin=0.5, sounds=(0.0, 1.5))
    twice = tmp_path / "b.ts"
    twice.write_bytes(once.read_bytes() * 2)
    made = look(rewrite(twice)[0])
    assert made.pictures == pytest.approx(TIMES, abs=1e-3)
    assert made.tone == pytest.approx(made.bright, abs=IN_SYNC)


def test_nothing_to_hear_is_no_track(tmp_path: Path) -> None:
    with VideoWriter(tmp_path / "silent.mp4", open_frames(save_talkie(tmp_path / "a.mp4")).fps, (48, 64)) as writer:
        for _ in TIMES:
            writer.write(np.zeros((48, 64, 3), np.uint8))
    before_the_end = save_talkie(tmp_path / "short.mp4", sounds=(0.0, 1.0))
    for video, first in ((tmp_path / "silent.mp4", 0), (before_the_end, 40)):
        out, frames = rewrite(video, first=first)
        assert look(out).codec is None
        assert frames.warning is None


def _ruined(folder: Path) -> Path:
    video = save_talkie(folder / "a.mp4")
    ruin_sound(video)
    return video


def _of_no_codec(folder: Path) -> Path:
    video = save_talkie(folder / "a.mkv", "libmp3lame")
    data = video.read_bytes()
    assert data.count(b"A_MPEG/L3") == 1
    video.write_bytes(data.replace(b"A_MPEG/L3", b"A_NEVER/1"))
    return video


@pytest.mark.parametrize("make", [_ruined, _of_no_codec])
@pytest.mark.parametrize("suffix", [".mp4", ".webm"])
def test_a_sound_that_cannot_be_had_costs_no_picture(tmp_path: Path, make, suffix: str) -> None:  # type: ignore[no-untyped-def]
    video = make(tmp_path)
    out, frames = rewrite(video, suffix)
    assert len(look(out).pictures) == len(TIMES)
    assert look(out).codec is None
    assert frames.warning is not None
    assert frames.warning.startswith(f"The sound of {video} could not be kept: ")
    assert frames.warning.endswith(".")


def test_a_file_with_sound_that_cannot_be_written_costs_no_picture(tmp_path: Path) -> None:
    frames = open_frames(save_talkie(tmp_path / "a.mp4"))
    (tmp_path / "..new.part.part.mp4").mkdir()  # the name of the file with sound until it is complete
    with VideoWriter(tmp_path / "new.mp4", frames.fps, frames.size, frames.playback) as writer:
        for frame in frames:
            writer.write(frame)
    assert frames.warning is not None
    assert frames.warning.endswith("could not be kept: Is a directory.")
    made = look(tmp_path / "new.mp4")
    assert (made.codec, len(made.pictures)) == (None, len(TIMES))


def test_an_interrupt_costs_the_sound_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*arguments: object) -> bool:
        raise KeyboardInterrupt

    monkeypatch.setattr(Playback, "_rewritten", interrupted)
    with pytest.raises(KeyboardInterrupt):
        rewrite(save_talkie(tmp_path / "a.mp4"))
    assert os.listdir(tmp_path / "out") == ["new.mp4"]
    assert len(look(tmp_path / "out" / "new.mp4").pictures) == len(TIMES)
