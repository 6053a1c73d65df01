"""Masks of any frames: forwards from the middle, both ways, and corrections."""

import json
import os
import re
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image

from command import mobilevos
from mobilevos.errors import InputError, TruncatedVideo
from mobilevos.segment import segment
from mobilevos.video.masks import load_mask, save_palette_png
from mobilevos.video.reader import open_frames
from mobilevos.video.writer import VideoWriter

HEIGHT, WIDTH, COUNT = 32, 48, 12
ALL = ("masks", "overlay", "rle", "rgba")


class Keeping:
    """Its objects stay where they were put; it notes what it is told, with the number of the frame."""

    def __init__(self, stop_at: int | None = None, error: BaseException | None = None) -> None:
        self.log: list[tuple[str, int]] = []
        self._stop_at, self._error = stop_at, error

    def start(self, frame: np.ndarray, mask: np.ndarray) -> np.ndarray:
        self.log.append(("start", number_of(frame)))
        self.labels = mask
        return mask

    def step(self, frame: np.ndarray) -> np.ndarray:
        if number_of(frame) == self._stop_at:
            assert self._error is not None
            raise self._error
        self.log.append(("step", number_of(frame)))
        return self.labels

    def add(self, mask: np.ndarray) -> np.ndarray:
        self.log.append(("add", self.log[-1][1]))
        kept = np.where(np.isin(self.labels, mask), 0, self.labels)
        self.labels = np.where(mask, mask, kept).astype(np.uint8)
        return self.labels


def number_of(frame: np.ndarray) -> int:
    """A frame's grey tells its number, also after compression."""
    return round(float(frame[-8:].mean()) / 20)


def frame(index: int) -> np.ndarray:
    return np.full((HEIGHT, WIDTH, 3), 20 * index, np.uint8)


def block(top: int, left: int, object_id: int) -> np.ndarray:
    labels = np.zeros((HEIGHT, WIDTH), np.uint8)
    labels[top : top + 8, left : left + 8] = object_id
    return labels


@pytest.fixture(params=["folder", "video"])
def source(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    if request.param == "video":
        with VideoWriter(tmp_path / "clip.mp4", Fraction(24), (HEIGHT, WIDTH)) as writer:
            for index in range(COUNT):
                writer.write(frame(index))
        return tmp_path / "clip.mp4"
    (tmp_path / "frames").mkdir()
    for index in range(COUNT):
        Image.fromarray(frame(index)).save(tmp_path / "frames" / f"{index:05d}.png")
    return tmp_path / "frames"


@pytest.fixture
def mask(tmp_path: Path) -> Path:
    save_palette_png(tmp_path / "one.png", block(4, 4, 3))
    return tmp_path / "one.png"


def masks_folder(folder: Path, masks: dict[str, np.ndarray]) -> Path:
    (folder / "given").mkdir()
    for name, labels in masks.items():
        save_palette_png(folder / "given" / name, labels)
    return folder / "given"


def assert_complete(out: Path, first: int, last: int) -> None:
    """Every output has the frames ``first`` to ``last``, in order, and nothing else."""
    names = [f"{index:05d}" for index in range(first, last + 1)]
    assert sorted(os.listdir(out / "masks")) == sorted(os.listdir(out / "rgba")) == [f"{name}.png" for name in names]
    assert [number_of(shown) for shown in open_frames(out / "overlay.mp4")] == list(range(first, last + 1))
    states = [json.loads(line) for line in (out / "objects.jsonl").read_text().splitlines()]
    assert [state["index"] for state in states] == list(range(first, last + 1))
    rle = json.loads((out / "masks.json").read_text())
    assert [(image["id"], Path(image["file_name"]).stem) for image in rle["images"]] == list(
        zip(range(first, last + 1), names, strict=True)
    )
    assert sorted(os.listdir(out)) == ["masks", "masks.json", "objects.jsonl", "overlay.mp4", "rgba", "summary.json"]


def test_forwards_from_the_middle(source: Path, mask: Path, tmp_path: Path) -> None:
    tracker, calls = Keeping(), []
    summary = segment(
        source, mask, tmp_path / "out", tracker=tracker, outputs=ALL, start=5, progress=lambda *c: calls.append(c)
    )
    assert tracker.log == [("start", 5), *(("step", index) for index in range(6, COUNT))]
    assert_complete(tmp_path / "out", 5, COUNT - 1)
    assert (summary.frames, summary.first, summary.truncated) == (COUNT - 5, 5, False)
    assert calls == [(index, COUNT - 5) for index in range(1, COUNT - 4)]


def test_both_ways(source: Path, mask: Path, tmp_path: Path) -> None:
    tracker, calls = Keeping(), []
    summary = segment(
        source,
        mask,
        tmp_path / "out",
        tracker=tracker,
        outputs=ALL,
        start=5,
        both=True,
        progress=lambda *c: calls.append(c),
    )
    back = [("start", 5), *(("step", index) for index in (4, 3, 2, 1, 0))]
    assert tracker.log == [*back, ("start", 5), *(("step", index) for index in range(6, COUNT))]
    assert_complete(tmp_path / "out", 0, COUNT - 1)
    assert (summary.frames, summary.first, summary.objects) == (COUNT, 0, [3])
    assert calls == [(index, COUNT) for index in range(1, COUNT + 1)]


@pytest.mark.parametrize("outputs", [("masks",), ("overlay",)])
def test_both_ways_with_one_kind_of_output(source: Path, mask: Path, tmp_path: Path, outputs: tuple[str]) -> None:
    summary = segment(source, mask, tmp_path / "out", tracker=Keeping(), outputs=outputs, start=5, both=True)
    assert summary.frames == COUNT
    assert len(list(open_frames(summary.outputs[outputs[0]]))) == COUNT


def test_both_ways_from_the_first_frame_is_forwards(source: Path, mask: Path, tmp_path: Path) -> None:
    tracker = Keeping()
    segment(source, mask, tmp_path / "out", tracker=tracker, outputs=ALL, both=True)
    assert tracker.log == [("start", 0), *(("step", index) for index in range(1, COUNT))]
    assert_complete(tmp_path / "out", 0, COUNT - 1)


@pytest.mark.parametrize("both", [False, True])
def test_corrections(source: Path, tmp_path: Path, both: bool) -> None:
    given = {3: block(4, 4, 3), 6: block(12, 12, 3) + block(20, 30, 7), 9: block(0, 0, 7)}
    folder = masks_folder(tmp_path, {f"{index:05d}.png": labels for index, labels in given.items()})
    save_palette_png(folder / "00010.png", np.zeros((HEIGHT, WIDTH), np.uint8))  # says nothing
    (folder / "notes.txt").write_text("mine")
    tracker, out = Keeping(), tmp_path / "out"
    summary = segment(source, folder, out, tracker=tracker, outputs=ALL, both=both)
    steps = [[("step", index), ("add", index)] if index in given else [("step", index)] for index in range(4, COUNT)]
    forward = [("start", 3), *(call for calls in steps for call in calls)]
    assert tracker.log == [("start", 3), ("step", 2), ("step", 1), ("step", 0), *forward] if both else forward
    first = 0 if both else 3
    assert_complete(out, first, COUNT - 1)
    assert (summary.first, summary.objects) == (first, [3, 7])
    for index in range(first, COUNT):
        correct = given[3] if index < 6 else given[6] if index < 9 else np.where(given[6] == 3, 3, given[9])
        np.testing.assert_array_equal(load_mask(out / "masks" / f"{index:05d}.png"), correct)


def test_numbers_of_a_video_need_no_leading_zeros(mask: Path, tmp_path: Path) -> None:
    with VideoWriter(tmp_path / "clip.mp4", Fraction(24), (HEIGHT, WIDTH)) as writer:
        for index in range(COUNT):
            writer.write(frame(index))
    folder = masks_folder(tmp_path, {"2.png": block(4, 4, 3), "007.png": block(4, 4, 1)})
    tracker = Keeping()
    segment(tmp_path / "clip.mp4", folder, tmp_path / "out", tracker=tracker)
    assert [call for call in tracker.log if call[0] != "step"] == [("start", 2), ("add", 7)]


def test_mask_beyond_the_end_of_a_video_that_does_not_tell_its_length(tmp_path: Path) -> None:
    with av.open(str(tmp_path / "clip.h264"), "w") as container:
        stream = container.add_stream("libx264", rate=24)
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        for index in range(COUNT):
            container.mux(stream.encode(av.VideoFrame.from_ndarray(frame(index), "rgb24")))
        container.mux(stream.encode(None))
    assert open_frames(tmp_path / "clip.h264").frame_count is None
    folder = masks_folder(tmp_path, {"2.png": block(4, 4, 3), "99.png": block(4, 4, 1)})
    with pytest.raises(InputError, match=f"clip has no frame 99: its {COUNT} frames are numbered"):
        segment(tmp_path / "clip.h264", folder, tmp_path / "out", tracker=Keeping(), outputs=ALL)
    assert_complete(tmp_path / "out", 2, COUNT - 1)
    with pytest.raises(InputError, match=f"has no frame 50: its {COUNT} frames are numbered"):
        segment(tmp_path / "clip.h264", folder / "2.png", tmp_path / "none", tracker=Keeping(), start=50)
    assert list((tmp_path / "none").iterdir()) == []


def test_video_cut_off_before_the_mask(tmp_path: Path, mask: Path) -> None:
    with VideoWriter(tmp_path / "clip.mp4", Fraction(24), (HEIGHT, WIDTH)) as writer:
        for index in range(COUNT):
            writer.write(np.random.default_rng(index).integers(0, 256, (HEIGHT, WIDTH, 3), dtype=np.uint8))
    data = (tmp_path / "clip.mp4").read_bytes()
    (tmp_path / "clip.mp4").write_bytes(data[: len(data) // 2])
    for both in (False, True):
        with pytest.raises(
            InputError, match=r"cut off or damaged: .* and its frame 11, .* is not among them"
        ) as caught:
            segment(tmp_path / "clip.mp4", mask, tmp_path / "out", tracker=Keeping(), start=11, both=both)
        assert not isinstance(caught.value, TruncatedVideo)  # of which the command would say that results are kept
    assert list((tmp_path / "out").iterdir()) == []


# Breaking off


@pytest.mark.parametrize("error", [KeyboardInterrupt(), RuntimeError("tracker failed")])
def test_break_on_the_way_back_keeps_what_was_found(
    source: Path, mask: Path, tmp_path: Path, error: BaseException
) -> None:
    out = tmp_path / "out"
    with pytest.raises(type(error)) as caught:
        segment(source, mask, out, tracker=Keeping(3, error), outputs=ALL, start=8, both=True)
    assert caught.value is error
    assert_complete(out, 4, 7)
    summary = json.loads((out / "summary.json").read_text())
    assert (summary["frames"], summary["first"], summary["truncated"]) == (4, 4, True)


def test_break_on_the_way_forward_keeps_both_parts(source: Path, mask: Path, tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt):
        segment(
            source,
            mask,
            tmp_path / "out",
            tracker=Keeping(10, KeyboardInterrupt()),
            outputs=ALL,
            start=8,
            both=True,
        )
    assert_complete(tmp_path / "out", 0, 9)
    assert "interrupted after 10 frames" in (tmp_path / "out" / "summary.json").read_text()


def test_damaged_frame_on_the_way_back(mask: Path, tmp_path: Path) -> None:
    (tmp_path / "frames").mkdir()
    for index in range(COUNT):
        Image.fromarray(frame(index)).save(tmp_path / "frames" / f"{index:05d}.png")
    damaged = tmp_path / "frames" / "00002.png"
    damaged.write_bytes(damaged.read_bytes()[:60])
    with pytest.raises(InputError, match=r"00002\.png is not a readable image"):
        segment(tmp_path / "frames", mask, tmp_path / "out", tracker=Keeping(), outputs=ALL, start=8, both=True)
    assert_complete(tmp_path / "out", 3, 7)


# Bad input: nothing is written


def _far(folder: Path) -> dict[str, object]:
    return {"mask": masks_folder(folder, {"00003.png": block(4, 4, 3), "99999.png": block(4, 4, 3)})}


def _stray(folder: Path) -> dict[str, object]:
    return {"mask": masks_folder(folder, {"other.png": block(4, 4, 3)})}


def _twice(folder: Path) -> dict[str, object]:
    given = masks_folder(folder, {"00003.png": block(4, 4, 3)})
    Image.fromarray(block(4, 4, 3)).save(given / "00003.bmp")
    return {"mask": given}


def _wide(folder: Path) -> dict[str, object]:
    return {"mask": masks_folder(folder, {"00003.png": block(4, 4, 3), "00004.png": np.ones((HEIGHT, 9), np.uint8)})}


def _blank(folder: Path) -> dict[str, object]:
    nothing = np.zeros((HEIGHT, WIDTH), np.uint8)
    return {"mask": masks_folder(folder, {"00003.png": nothing, "00004.png": nothing})}


def _onto_the_masks(folder: Path) -> dict[str, object]:
    (folder / "masks").mkdir()
    save_palette_png(folder / "masks" / "00003.png", block(4, 4, 3))
    return {"mask": folder / "masks", "out": folder}


BAD_INPUT: list[tuple[Callable[[Path], dict[str, object]], str]] = [
    (lambda f: {"start": COUNT}, f"has no frame {COUNT}: its {COUNT} frames are numbered from 0 to {COUNT - 1}"),
    (lambda f: {"start": -1}, "there is no frame -1"),
    (lambda f: {"mask": masks_folder(f, {"00003.png": block(4, 4, 3)}), "start": 3}, "leave out --start"),
    (lambda f: {"mask": masks_folder(f, {})}, "holds no masks; name each as its frame, such as 00000.png"),
    (_far, "99999"),
    (_stray, "other.png matches no frame"),
    (_twice, "00003.bmp and 00003.png are masks of one frame"),
    (_wide, "00004.png is 9x32 but the frames are 48x32"),
    (_blank, "are empty"),
    (_onto_the_masks, "would overwrite the input"),
]


@pytest.mark.parametrize(("make", "expected"), BAD_INPUT)
def test_bad_input_is_one_sentence_and_nothing_is_written(
    source: Path, mask: Path, tmp_path: Path, make: Callable[[Path], dict[str, object]], expected: str
) -> None:
    options = {"mask": mask, "out": tmp_path / "out", **make(tmp_path)}
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(InputError) as caught:
        segment(source, tracker=Keeping(), **options)  # type: ignore[arg-type]
    assert expected in str(caught.value)
    assert re.fullmatch(r"[^\n]+\.", str(caught.value))
    assert sorted(tmp_path.rglob("*")) == before


def test_the_command(source: Path, mask: Path, tmp_path: Path) -> None:
    arguments = ("segment", source, "-m", mask, "-o", tmp_path / "out", "--size", "64", "--threads", "1")
    done = mobilevos(*arguments, "--start", "4", "--both", "--outputs", *ALL, "--json")
    assert (done.returncode, done.stderr) == (0, "")
    assert (json.loads(done.stdout)["frames"], json.loads(done.stdout)["first"]) == (COUNT, 0)
    assert_complete(tmp_path / "out", 0, COUNT - 1)
    np.testing.assert_array_equal(load_mask(tmp_path / "out" / "masks" / "00004.png"), block(4, 4, 3))

    done = mobilevos(*arguments, "--start", "400")
    assert done.returncode == 2
    assert re.fullmatch(r"mobilevos: \S+ has no frame 400: its 12 frames are numbered from 0 to 11\.\n", done.stderr)
