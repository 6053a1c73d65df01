"""Mattes and cut-outs read back, numbers, time code; EXR with Cryptomatte rebuilt from its ids and manifest."""

import json
import os
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import OpenEXR
import pytest
from format_scenes import FPS, NAMES, picture, results, scene, write
from PIL import Image

from command import mobilevos
from mobilevos.formats.exr import as_float, murmur3, object_hash
from mobilevos.formats.registry import writer
from mobilevos.formats.timecode import moved
from mobilevos.video.playback import Playback
from mobilevos.video.reader import open_frames
from mobilevos.video.sink import Clip, ObjectName, Result

LAYERS = {"all": {1, 3}, "nemo": {1}, "jane": {3}}


def planes(path: Path, pixels: str, codec: str | None = None) -> list[np.ndarray]:
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        if codec is None:
            return [frame.reformat(format=pixels).to_ndarray() for frame in container.decode(stream)]
        decoder = av.CodecContext.create(codec, "r")
        packets = list(container.demux(stream))
        return [frame.reformat(format=pixels).to_ndarray() for packet in packets for frame in decoder.decode(packet)]


def alphas(path: Path) -> list[np.ndarray]:
    if path.suffix == ".mkv":
        return planes(path, "gray")
    if path.suffix == ".mp4":
        return [frame[..., 0] for frame in open_frames(path)]
    return [frame[..., 3] for frame in planes(path, "rgba", "libvpx-vp9" if path.suffix == ".webm" else None)]


@pytest.mark.parametrize(
    ("name", "suffix", "error"), [("luma", ".mp4", 2), ("prores", ".mov", 1), ("ffv1", ".mkv", 0), ("vp9", ".webm", 3)]
)
def test_videos(tmp_path: Path, name: str, suffix: str, error: int) -> None:
    maps = [np.kron(labels, np.ones((4, 4), np.uint8)) for labels in scene()]
    folder, _ = write(name, tmp_path, maps, pictures=True)
    assert sorted(path.name for path in folder.glob("[!.]*")) == sorted(f"{layer}{suffix}" for layer in LAYERS)
    for layer, ids in LAYERS.items():
        path = folder / f"{layer}{suffix}"
        assert open_frames(path).fps == FPS
        for found, labels in zip(alphas(path), maps, strict=True):
            wrong = np.abs(found.astype(int) - 255 * np.isin(labels, list(ids)))
            assert np.percentile(wrong, 99.5) <= error


def test_soft_masks_and_time_code(tmp_path: Path) -> None:
    """In ProRes the alpha is within 1 of 255; the time code is that of the first frame written."""
    soft = np.tile(np.linspace(0, 1, 64, dtype=np.float32), (48, 1))
    clip = Clip("clip", (48, 64), Fraction(30000, 1001), objects=(1,), timecode="01:00:59;28")
    sink = writer("prores", tmp_path / "prores", clip)
    for index in (2, 3):
        frame, labels = picture(index, (48, 64)), (soft > 0.5).astype(np.uint8)
        sink.write(Result(index, f"{index:05d}", frame, labels, soft={1: soft}))
    sink.close()
    path = tmp_path / "prores" / "object_1.mov"
    for found in alphas(path):
        assert np.abs(found - 255 * soft).max() <= 1.5
    with av.open(str(path)) as container:
        assert container.streams.video[0].metadata["timecode"] == "01:01:00;02"
    assert open_frames(path).playback.timecode == "01:01:00;02"


@pytest.mark.parametrize(("name", "suffix"), [("luma", ".mp4"), ("prores", ".mov"), ("ffv1", ".mkv"), ("vp9", ".webm")])
def test_videos_keep_times_and_the_shape_of_pixels(tmp_path: Path, name: str, suffix: str) -> None:
    """Also from a later frame on, with a label of time, and without the source's sound."""
    times, first = [5.0, 5.04, 5.08, 7.0, 7.04], 1
    playback = Playback(tmp_path / "clip.mp4", Fraction(12), Fraction(2), sounding=True)
    for index, time in enumerate(times):
        playback.times.saw(index, time)
    clip = Clip("clip", (48, 64), Fraction(12), playback, objects=(1,), timecode="01:00:00:00")
    sink = writer(name, tmp_path / name, clip)
    for index in range(first, len(times)):
        labels = np.zeros((48, 64), np.uint8)
        sink.write(Result(index, f"{index:05d}", picture(index, (48, 64)), labels))
    sink.close()
    assert playback.warning is None
    with av.open(str(tmp_path / name / f"object_1{suffix}")) as container:
        stream = container.streams.video[0]
        shown = [float(frame.time) for frame in container.decode(stream)]
        assert stream.sample_aspect_ratio == 2
        told = {key.lower(): value for key, value in (*stream.metadata.items(), *container.metadata.items())}
        assert told["timecode"] == "01:00:00:01"
    assert np.subtract(shown, shown[0]) == pytest.approx(np.subtract(times[first:], times[first]), abs=0.006)


TIMES = [
    ("00:00:00:00", 25, 25, "00:00:01:00"),
    ("09:59:59:23", 1, 24, "10:00:00:00"),
    ("23:59:59:24", 1, 25, "00:00:00:00"),
    ("00:00:59;29", 1, Fraction(30000, 1001), "00:01:00;02"),
    ("00:09:59;29", 1, Fraction(30000, 1001), "00:10:00;00"),
    ("00:00:00;00", 17982, Fraction(30000, 1001), "00:10:00;00"),
    ("00:00:59;59", 1, Fraction(60000, 1001), "00:01:00;04"),
    ("00:00:59:23", 1, Fraction(24000, 1001), "00:01:00:00"),
    ("nonsense", 1, 25, None),
    ("00:00:00:31", 1, 25, None),
]


@pytest.mark.parametrize(("label", "frames", "fps", "expected"), TIMES)
def test_time_code(label: str, frames: int, fps: Fraction, expected: str | None) -> None:
    assert moved(label, frames, Fraction(fps)) == expected


def test_drop_frame_counts_as_ffmpeg_does() -> None:
    """Every label of an hour occurs once, in order, and none that is dropped."""
    fps, label, seen = Fraction(30000, 1001), "00:00:00;00", []
    for _ in range(3600):
        seen.append(label)
        label = str(moved(label, 29, fps))
    direct = [moved("00:00:00;00", 29 * step, fps) for step in range(3600)]
    assert seen == direct
    assert not [one for one in seen if one[6:8] == "00" and one[9:] in ("00", "01") and one[4] != "0"]


def test_sequences_begin_at_1001(tmp_path: Path) -> None:
    maps = scene()
    folder, _ = write("mattes", tmp_path, maps, first=5, number_from=1001)
    assert sorted(os.listdir(folder / "nemo")) == [f"clip.{number}.png" for number in range(1006, 1012)]
    for layer, ids in LAYERS.items():
        for number, labels in enumerate(maps, 1006):
            with Image.open(folder / layer / f"clip.{number}.png") as image:
                np.testing.assert_array_equal(np.asarray(image), 255 * np.isin(labels, list(ids)))


def test_handles_and_own_numbers(tmp_path: Path) -> None:
    (tmp_path / "plate").mkdir()
    for index, labels in enumerate(scene()):
        Image.fromarray(labels).save(tmp_path / "plate" / f"plate.{index + 88:04d}.png")
    assert mobilevos("convert", "plate", "--to", "mattes", "-o", "a", cwd=tmp_path).returncode == 0
    assert "plate.0088.png" in os.listdir(tmp_path / "a" / "all")
    arguments = ("convert", "plate", "--to", "mattes", "-o", "a", "--number-from", "1001", "--handles", "8")
    assert mobilevos(*arguments, cwd=tmp_path).returncode == 0
    assert sorted(os.listdir(tmp_path / "a" / "all"))[0] == "plate.1081.png"
    assert mobilevos(*arguments[:-3], "5", "--handles", "8", cwd=tmp_path).stderr.count("\n") == 1


@pytest.mark.parametrize(("name", "file"), [("ffv1", "all.mkv"), ("luma", "all.mp4"), ("mattes", "all/clip.0000.png")])
def test_a_clip_without_objects_is_black(tmp_path: Path, name: str, file: str) -> None:
    folder, _ = write(name, tmp_path, [np.zeros((40, 60), np.uint8)] * 2)
    frames = list(open_frames(folder / file if "/" not in file else (folder / file).parent))
    assert len(frames) == 2
    assert not np.any(frames)


def test_names_of_files_keep_letters_without_their_accents(tmp_path: Path) -> None:
    maps = [np.ones((4, 6), np.uint8)]
    folder, _ = write("mattes", tmp_path, maps, names={1: ObjectName("Übung Nº 1, Köln")})
    assert os.listdir(folder / "Ubung_No_1_Koln") == ["clip.0000.png"]


# EXR


def test_hashes_are_those_of_the_specification() -> None:
    assert f"{object_hash('bunny'):08x}" == "13851a76"
    assert f"{murmur3(b'CryptoObject'):08x}"[:7] == "3ae39a5"


def test_exr(tmp_path: Path) -> None:
    maps = scene()
    folder, _ = write("exr", tmp_path, maps, number_from=1001)
    for number, labels in enumerate(maps, 1001):
        file = OpenEXR.File(str(folder / f"clip.{number}.exr"), separate_channels=True)
        channels, header = {name: channel.pixels for name, channel in file.channels().items()}, file.header()
        manifest = json.loads(header["cryptomatte/3ae39a5/manifest"])
        assert set(manifest) == {"nemo", "jane"}
        for object_id in (1, 3):
            name = NAMES[object_id].name
            np.testing.assert_array_equal(channels[f"{name}.A"], labels == object_id)
            own = np.float32(as_float(int(manifest[name], 16)))
            ids, covers = channels["CryptoObject00.r"], channels["CryptoObject00.g"]
            assert ids.dtype == np.float32
            np.testing.assert_array_equal(np.where(ids == own, covers, 0), labels == object_id)
        assert not channels["CryptoObject00.a"].any()


def test_exr_of_overlapping_soft_masks(tmp_path: Path) -> None:
    (result,) = results([np.array([[1, 3], [3, 0]], np.uint8)])
    soft = {1: np.array([[0.7, 0.4], [0, 0]], np.float32), 3: np.array([[0.3, 0.6], [1, 0]], np.float32)}
    sink = writer("exr", tmp_path / "exr", Clip("a b", (2, 2), FPS, objects=(1, 3), names=NAMES))
    sink.write(Result(result.index, result.name, None, result.labels, soft=soft))
    sink.close()
    file = OpenEXR.File(str(tmp_path / "exr" / "a_b.0000.exr"), separate_channels=True).channels()
    pixels = {name: channel.pixels for name, channel in file.items()}
    np.testing.assert_allclose(pixels["CryptoObject00.g"], [[0.7, 0.6], [1, 0]])
    np.testing.assert_allclose(pixels["CryptoObject00.a"], [[0.3, 0.4], [0, 0]])
    own = np.float32(as_float(object_hash("nemo")))
    np.testing.assert_array_equal(pixels["CryptoObject00.r"] == own, [[True, False], [False, False]])


def test_exr_without_objects(tmp_path: Path) -> None:
    folder, _ = write("exr", tmp_path, [np.zeros((4, 6), np.uint8)])
    file = OpenEXR.File(str(folder / "clip.0000.exr"), separate_channels=True)
    assert file.header()["cryptomatte/3ae39a5/manifest"] == "{}"
    assert sorted(file.channels()) == [f"CryptoObject00.{name}" for name in "abgr"]
    assert not any(channel.pixels.any() for channel in file.channels().values())


def test_the_absence_of_openexr_is_one_sentence(tmp_path: Path) -> None:
    Image.fromarray(scene()[0]).save(tmp_path / "0.png")
    done = mobilevos("convert", tmp_path, "--to", "exr", "-o", tmp_path / "out", without="OpenEXR")
    assert (done.returncode, done.stderr) == (
        2,
        "mobilevos: This needs OpenEXR, which is not installed; add it with pip install 'mobilevos[exr]'.\n",
    )
    assert not (tmp_path / "out").exists()
