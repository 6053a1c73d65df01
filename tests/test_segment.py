"""The whole job with a tracker simple enough to be repeated by hand."""

import json
import os
import re
import resource
import signal
import subprocess
import sys
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from mobilevos.errors import InputError, MobileVOSError, OutputError, TruncatedVideo
from mobilevos.segment import segment
from mobilevos.video.masks import load_mask, save_palette_png
from mobilevos.video.reader import open_frames
from mobilevos.video.writer import VideoWriter

HEIGHT, WIDTH, COUNT = 48, 64, 30


class Threshold:
    """Keeps the ids it was started with: bright pixels are the first of them, bright and green the last."""

    def __init__(self) -> None:
        self.ids: list[int] = []

    def start(self, frame: np.ndarray, mask: np.ndarray) -> np.ndarray:
        self.ids = np.unique(mask[mask > 0]).tolist()
        return self.step(frame)

    def step(self, frame: np.ndarray) -> np.ndarray:
        labels = np.where(frame.mean(axis=2) > 110, self.ids[0], 0)
        labels[frame[..., 1] > 190] = self.ids[-1]
        return labels.astype(np.uint8)


def picture(index: int) -> np.ndarray:
    frame = np.random.default_rng(index).integers(0, 80, (HEIGHT, WIDTH, 3), dtype=np.uint8)
    frame[10:25, 5 + index : 20 + index] = (200, 160, 200)
    frame[30:40, 20:50] = (60, 240, 60)
    return frame


@pytest.fixture
def video(tmp_path: Path) -> Path:
    with VideoWriter(tmp_path / "clip.mp4", Fraction(24), (HEIGHT, WIDTH)) as writer:
        for index in range(COUNT):
            writer.write(picture(index))
    return tmp_path / "clip.mp4"


@pytest.fixture
def mask(tmp_path: Path) -> Path:
    labels = np.zeros((HEIGHT, WIDTH), np.uint8)
    labels[10:25, 5:20] = 2
    labels[30:40, 20:50] = 5
    save_palette_png(tmp_path / "first.png", labels)
    return tmp_path / "first.png"


def by_hand(video: Path, mask: Path) -> list[np.ndarray]:
    tracker = Threshold()
    results = []
    for index, frame in enumerate(open_frames(video)):
        results.append(tracker.step(frame) if index else tracker.start(frame, load_mask(mask)))
    return results


def frames_in(path: Path) -> int:
    return sum(1 for _ in open_frames(path))


def assert_masks(folder: Path, expected: list[np.ndarray]) -> None:
    assert sorted(os.listdir(folder)) == [f"{i:05d}.png" for i in range(len(expected))]
    for index, labels in enumerate(expected):
        np.testing.assert_array_equal(load_mask(folder / f"{index:05d}.png"), labels)


def assert_one_sentence(message: str) -> None:
    assert re.fullmatch(r"[^\n]+\.", message), message


def test_masks_are_those_of_a_loop_by_hand(video: Path, mask: Path, tmp_path: Path) -> None:
    out = tmp_path / "deep" / "out"
    calls: list[tuple[int, int | None]] = []
    names = ("masks", "overlay", "rle", "rgba")
    summary = segment(video, mask, out, tracker=Threshold(), outputs=names, progress=lambda *call: calls.append(call))
    expected = by_hand(video, mask)
    assert len(expected) == COUNT
    assert all(np.unique(labels).tolist() == [0, 2, 5] for labels in expected)
    assert_masks(out / "masks", expected)
    assert frames_in(out / "overlay.mp4") == COUNT
    assert len(os.listdir(out / "rgba")) == COUNT
    assert len(json.loads((out / "masks.json").read_text())["images"]) == COUNT
    assert sorted(os.listdir(out)) == ["masks", "masks.json", "overlay.mp4", "rgba", "summary.json"]
    assert calls == [(i, COUNT) for i in range(1, COUNT + 1)]

    assert (summary.frames, summary.objects, summary.truncated, summary.message) == (
        COUNT,
        [2, 5],
        False,
        None,
    )
    assert summary.fps == pytest.approx(COUNT / summary.seconds, rel=0.05)
    assert set(summary.outputs) == set(names)
    assert all(Path(path).exists() for path in summary.outputs.values())
    assert json.loads((out / "summary.json").read_text()) == summary.to_dict()


def test_folder_names_carry_over(mask: Path, tmp_path: Path) -> None:
    (tmp_path / "frames").mkdir()
    for index in (9, 10):
        Image.fromarray(picture(index)).save(tmp_path / "frames" / f"shot{index}.png")
    segment(tmp_path / "frames", mask, tmp_path / "out", tracker=Threshold(), outputs=("masks",))
    assert sorted(os.listdir(tmp_path / "out" / "masks")) == ["shot10.png", "shot9.png"]
    assert sorted(os.listdir(tmp_path / "out")) == ["masks", "summary.json"]


def test_snap_reaches_the_mask(video: Path, tmp_path: Path) -> None:
    soft = Image.new("L", (WIDTH * 4, HEIGHT * 4))
    soft.paste(255, (22, 42, 83, 103))
    soft.resize((WIDTH, HEIGHT), Image.Resampling.BICUBIC).save(tmp_path / "soft.png")
    with pytest.raises(InputError, match="pass --snap"):
        segment(video, tmp_path / "soft.png", tmp_path / "out", tracker=Threshold())
    summary = segment(video, tmp_path / "soft.png", tmp_path / "out", tracker=Threshold(), snap=True)
    assert summary.objects == [1]


# Bad input: nothing is written


def _cut_before_index(folder: Path) -> dict[str, object]:
    with VideoWriter(folder / "b.mp4", Fraction(24), (HEIGHT, WIDTH)) as writer:
        writer.write(picture(0))
    data = (folder / "b.mp4").read_bytes()
    (folder / "b.mp4").write_bytes(data[:60])
    return {"source": folder / "b.mp4"}


def _other_size(folder: Path) -> dict[str, object]:
    save_palette_png(folder / "big.png", np.ones((HEIGHT, WIDTH + 1), np.uint8))
    return {"mask": folder / "big.png"}


def _empty_mask(folder: Path) -> dict[str, object]:
    save_palette_png(folder / "empty.png", np.zeros((HEIGHT, WIDTH), np.uint8))
    return {"mask": folder / "empty.png"}


def _empty_folder(folder: Path) -> dict[str, object]:
    (folder / "none").mkdir()
    return {"source": folder / "none"}


def _onto_a_file(folder: Path) -> dict[str, object]:
    (folder / "taken").write_text("mine")
    return {"out": folder / "taken"}


def _under_a_file(folder: Path) -> dict[str, object]:
    return {"out": _onto_a_file(folder)["out"] / "out"}  # type: ignore[operator]


BAD_INPUT = [
    (lambda f: {"source": f / "none.mp4"}, InputError, "does not exist"),
    (_cut_before_index, InputError, "b.mp4"),
    (_empty_folder, InputError, "holds no frames"),
    (lambda f: {"source": f / "first.png"}, InputError, "single image"),
    (lambda f: {"mask": f / "none.png"}, InputError, "does not exist"),
    (lambda f: {"mask": f / "clip.mp4"}, InputError, "not a readable image"),
    (_other_size, InputError, "big.png is 65x48 but the frames are 64x48"),
    (_empty_mask, InputError, "empty.png is empty"),
    (lambda f: {"outputs": ("masks", "video")}, InputError, "choose from masks, overlay, rle, rgba"),
    (lambda f: {"outputs": ()}, InputError, "choose from"),
    (_onto_a_file, OutputError, "is a file, not a folder"),
    (_under_a_file, OutputError, "could not be written"),
    (lambda f: {"out": "/proc/nothing/out"}, OutputError, "/proc/nothing/out could not be written"),
]


@pytest.mark.parametrize(("make", "kind", "expected"), BAD_INPUT)
def test_bad_input_is_one_sentence_and_nothing_is_written(
    video: Path,
    mask: Path,
    tmp_path: Path,
    make,
    kind: type[MobileVOSError],
    expected: str,  # type: ignore[no-untyped-def]
) -> None:
    options = {"source": video, "mask": mask, "out": tmp_path / "out", **make(tmp_path)}
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(MobileVOSError) as caught:
        segment(**options, tracker=Threshold())
    assert type(caught.value) is kind
    assert expected in str(caught.value)
    assert_one_sentence(str(caught.value))
    assert sorted(tmp_path.rglob("*")) == before


def test_input_is_never_overwritten(video: Path, mask: Path, tmp_path: Path) -> None:
    segment(video, mask, tmp_path / "out", tracker=Threshold(), outputs=("rgba", "overlay"))
    before = (tmp_path / "out" / "overlay.mp4").read_bytes()
    with pytest.raises(InputError, match="would overwrite the input"):
        segment(tmp_path / "out" / "overlay.mp4", mask, tmp_path / "out", tracker=Threshold())
    with pytest.raises(InputError, match="would overwrite the input"):
        segment(tmp_path / "out" / "rgba", mask, tmp_path / "out", tracker=Threshold(), outputs=("rgba",))
    assert (tmp_path / "out" / "overlay.mp4").read_bytes() == before


# Work that breaks off


def assert_broken_off(out: Path, expected: list[np.ndarray], outputs: set[str]) -> str:
    """Complete results up to the break, no leftovers, and a summary that says why; returns its message."""
    assert_masks(out / "masks", expected)
    assert not list(out.rglob(".*"))
    summary = json.loads((out / "summary.json").read_text())
    assert (summary["truncated"], set(summary["outputs"])) == (True, outputs)
    return str(summary["message"])


def test_truncated_video_gives_the_frames_before_the_break(video: Path, mask: Path, tmp_path: Path) -> None:
    data = video.read_bytes()
    cut = tmp_path / "cut.mp4"
    cut.write_bytes(data[: len(data) // 2])
    out = tmp_path / "out"
    with pytest.raises(TruncatedVideo) as caught:
        segment(cut, mask, out, tracker=Threshold(), outputs=("masks", "overlay", "rle"))
    read = caught.value.frames_read
    assert 5 < read < COUNT - 5
    assert f"after {read} of about {COUNT} frames" in str(caught.value)
    message = assert_broken_off(out, by_hand(video, mask)[:read], {"masks", "overlay", "rle"})
    assert message == str(caught.value)
    assert frames_in(out / "overlay.mp4") == read
    assert len(json.loads((out / "masks.json").read_text())["images"]) == read


@pytest.mark.parametrize("error", [KeyboardInterrupt(), InputError("no."), RuntimeError("tracker failed")])
def test_break_in_the_middle_completes_what_is_there(
    video: Path, mask: Path, tmp_path: Path, error: BaseException
) -> None:
    class Breaking(Threshold):
        steps = 0

        def step(self, frame: np.ndarray) -> np.ndarray:
            self.steps += 1
            if self.steps == 12:
                raise error
            return super().step(frame)

    out = tmp_path / "out"
    with pytest.raises(type(error)) as caught:
        segment(video, mask, out, tracker=Breaking())
    assert caught.value is error
    message = assert_broken_off(out, by_hand(video, mask)[:11], {"masks", "overlay"})
    assert str(error) in message
    assert message != ""
    assert frames_in(out / "overlay.mp4") == 11


def test_break_at_the_first_frame_leaves_an_empty_folder(video: Path, mask: Path, tmp_path: Path) -> None:
    class Breaking(Threshold):
        def start(self, frame: np.ndarray, mask: np.ndarray) -> np.ndarray:
            raise InputError("too many objects.")

    with pytest.raises(InputError, match="too many objects"):
        segment(video, mask, tmp_path / "out", tracker=Breaking(), outputs=("masks", "overlay", "rle", "rgba"))
    assert list((tmp_path / "out").rglob("*")) == []


def test_results_of_an_earlier_run_do_not_pass_for_this_one(video: Path, mask: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    segment(video, mask, out, tracker=Threshold(), outputs=("overlay", "rle"))

    class Breaking(Threshold):
        def start(self, frame: np.ndarray, mask: np.ndarray) -> np.ndarray:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        segment(video, mask, out, tracker=Breaking(), outputs=("overlay", "rle"))
    assert os.listdir(out) == []


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full here")
def test_disk_full_for_one_output_keeps_the_others(video: Path, mask: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    (out / ".masks.part.json").symlink_to("/dev/full")  # the name it is written to until it is complete
    with pytest.raises(OutputError, match=r"masks\.json could not be written because the disk is full"):
        segment(video, mask, out, tracker=Threshold(), outputs=("rle", "masks", "overlay"))
    done = len(os.listdir(out / "masks"))
    assert 5 < done < COUNT
    assert_broken_off(out, by_hand(video, mask)[:done], {"masks", "overlay"})
    assert frames_in(out / "overlay.mp4") == done


LIMITED = """
import resource, signal, sys
sys.path.insert(0, sys.argv[5])
from test_segment import Threshold
from mobilevos.errors import OutputError
from mobilevos.segment import segment
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[4]),) * 2)
try:
    segment(*sys.argv[1:4], tracker=Threshold(), outputs=("masks", "overlay", "rle", "rgba"))
except OutputError as error:
    sys.exit(f"OutputError: {error}")
"""


@pytest.mark.skipif(not hasattr(resource, "RLIMIT_FSIZE"), reason="no limit on file sizes here")
@pytest.mark.parametrize("limit", [100, 600, 3000, 8000, 20_000])
def test_files_that_cannot_grow(video: Path, mask: Path, tmp_path: Path, limit: int) -> None:
    """Whichever file hits the limit first, what has a final name is complete."""
    out = tmp_path / "out"
    command = [
        sys.executable,
        "-c",
        LIMITED,
        str(video),
        str(mask),
        str(out),
        str(limit),
        str(Path(__file__).parent),
    ]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 1
    assert re.fullmatch(r"OutputError: \S+ could not be written: File too large\.\n", done.stderr), done.stderr
    assert not list(out.rglob(".*"))
    expected = by_hand(video, mask)
    for path in out.rglob("*.*"):
        if path.parent.name == "masks":
            np.testing.assert_array_equal(load_mask(path), expected[int(path.stem)])
        elif path.suffix == ".png":
            Image.open(path).load()
        elif path.suffix == ".mp4":
            assert frames_in(path) > 0
        elif path.name == "masks.json":
            assert json.loads(path.read_text())["images"]
        else:
            assert json.loads(path.read_text())["truncated"] is True


def test_interrupt_from_the_keyboard(video: Path, mask: Path, tmp_path: Path) -> None:
    class Sleepy(Threshold):
        def step(self, frame: np.ndarray) -> np.ndarray:
            if self.ids and (tmp_path / "out" / "masks" / "00004.png").exists():
                signal.raise_signal(signal.SIGINT)
            return super().step(frame)

    with pytest.raises(KeyboardInterrupt):
        segment(video, mask, tmp_path / "out", tracker=Sleepy())
    message = assert_broken_off(tmp_path / "out", by_hand(video, mask)[:5], {"masks", "overlay"})
    assert message == "interrupted after 5 frames."
