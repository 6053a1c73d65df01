"""Damage in the middle of a file: the next key frame goes on, and what is lost in between is told."""

import json
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image

from command import mobilevos
from mobilevos.errors import TruncatedVideo
from mobilevos.video.masks import save_palette_png
from mobilevos.video.reader import open_frames
from talkie import look

HEIGHT, WIDTH, COUNT = 48, 64, 60


def picture(index: int) -> np.ndarray:
    """Noise, which takes many bytes, with a bright square that moves."""
    frame = np.random.default_rng(index).integers(0, 100, (HEIGHT, WIDTH, 3), dtype=np.uint8)
    frame[10:30, index // 2 : 20 + index // 2] = (250, 220, 40)
    return frame


def write(path: Path, codec: str, share: tuple[float, float] = (0.35, 0.47), noise: bool = False) -> Path:
    """A video with a key frame in ten, in which zeros or noise replace a part."""
    with av.open(str(path), "w", options={"movflags": "+faststart"} if path.suffix == ".mp4" else {}) as container:
        options = {"x265-params": "keyint=10:log-level=none"} if codec == "libx265" else {"g": "10"}
        stream = container.add_stream(codec, rate=24, options=options)
        stream.height, stream.width, stream.pix_fmt = HEIGHT, WIDTH, "yuv420p"
        for index in range(COUNT):
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture(index), "rgb24")))
        container.mux(stream.encode(None))
    data = bytearray(path.read_bytes())
    start, stop = (int(len(data) * part) for part in share)
    data[start:stop] = np.random.default_rng(0).bytes(stop - start) if noise else bytes(stop - start)
    path.write_bytes(data)
    return path


KINDS = [("a.mp4", "libx264"), ("a.mp4", "libx265"), ("a.mov", "libx264")]


@pytest.mark.parametrize(("name", "codec"), KINDS)
def test_what_follows_keeps_its_place(tmp_path: Path, name: str, codec: str) -> None:
    source = open_frames(write(tmp_path / name, codec))
    frames = list(source)
    assert len(frames) == COUNT
    lost = sorted(source.damaged)
    assert 4 < len(lost) < 25
    assert lost == list(range(lost[0], lost[-1] + 1))
    for index in (*range(lost[0] - 2), *range(lost[-1] + 1, COUNT)):
        assert np.abs(frames[index].astype(int) - picture(index)).mean() < 30
    assert source.warning is not None
    assert f"{len(lost)} frames of {tmp_path / name} could not be decoded" in source.warning
    assert len(list(source)) == len(frames)
    again = open_frames(tmp_path / name)
    backward = list(again.backward(lost[-1] + 2))
    assert len(backward) == lost[-1] + 3
    assert again.damaged >= set(lost)
    np.testing.assert_array_equal(backward[0], frames[lost[-1] + 2])


@pytest.mark.parametrize("name", ["a.ts", "a.mkv"])
def test_where_nothing_counts_what_is_lost_it_is_told_all_the_same(tmp_path: Path, name: str) -> None:
    """Their demuxers look for the next packet in silence; how many are missing is a guess from the clock."""
    source = open_frames(write(tmp_path / name, "libx264"))
    assert len(list(source)) == pytest.approx(COUNT, abs=6)
    assert source.damaged
    assert source.warning is not None


@pytest.mark.parametrize("noise", [False, True])
def test_strict_stops_there(tmp_path: Path, noise: bool) -> None:
    path = write(tmp_path / "a.mp4", "libx264", noise=noise)
    lost = min(i for i in _damaged(path))
    with pytest.raises(TruncatedVideo) as caught:
        list(open_frames(path, strict=True))
    assert caught.value.frames_read <= lost + 1


def _damaged(path: Path) -> set[int]:
    source = open_frames(path)
    list(source)
    return set(source.damaged)


def test_damage_without_a_key_frame_behind_it_is_an_end(tmp_path: Path) -> None:
    with pytest.raises(TruncatedVideo, match="is cut off or damaged"):
        list(open_frames(write(tmp_path / "a.mp4", "libx264", (0.4, 0.97))))


def test_commands_keep_the_masks_from_before(tmp_path: Path) -> None:
    video = write(tmp_path / "a.mp4", "libx264")
    labels = np.zeros((HEIGHT, WIDTH), np.uint8)
    labels[10:30, :20] = 1
    save_palette_png(tmp_path / "mask.png", labels)
    damaged = sorted(_damaged(video))
    done = mobilevos("segment", "a.mp4", "-m", "mask.png", "-o", "out", "--mode", "fast", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stderr.startswith(f"mobilevos: {len(damaged)} frames of a.mp4 could not be decoded")
    summary = json.loads((tmp_path / "out" / "summary.json").read_text())
    assert (summary["frames"], summary["truncated"]) == (COUNT, False)
    assert summary["damaged"] == [[damaged[0], damaged[-1]]]
    masks = [np.array(Image.open(tmp_path / "out" / "masks" / f"{index:05d}.png")) for index in range(COUNT)]
    for index in damaged:
        np.testing.assert_array_equal(masks[index], masks[damaged[0] - 1])
    shown = look(tmp_path / "out" / "overlay.mp4").pictures
    assert shown == pytest.approx([index / 24 for index in range(COUNT)], abs=2e-3)

    done = mobilevos("blur", "a.mp4", "--masks", "out/masks", "-o", "new.mp4", "--json", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["damaged"] == summary["damaged"]
    for command in (("segment", "-m", "mask.png", "-o", "out2"), ("blur", "--masks", "out/masks", "-o", "new.mp4")):
        done = mobilevos(command[0], "a.mp4", *command[1:], "--strict", cwd=tmp_path)
        assert done.returncode == 2
        assert "a.mp4 is cut off or damaged: decoding stopped after" in done.stderr
