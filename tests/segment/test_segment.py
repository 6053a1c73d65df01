"""The whole job with a tracker simple enough to be repeated by hand."""

import json
import os
import re
import threading
import time
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from segment_job import (
    COUNT,
    HEIGHT,
    WIDTH,
    Blocked,
    Counting,
    Threshold,
    assert_masks,
    by_hand,
    frames_in,
    picture,
)

from mobilevos.errors import InputError, MobileVOSError, OutputError
from mobilevos.formats.registry import writers
from mobilevos.segment import seen, segment
from mobilevos.video.annotations import GivenMask
from mobilevos.video.masks import load_mask, save_palette_png
from mobilevos.video.pipeline import DEPTH
from mobilevos.video.reader import open_frames
from mobilevos.video.sink import Clip, Result
from mobilevos.video.sinks import States
from mobilevos.video.writer import VideoWriter
from stage_threads import stage_threads


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
    assert sorted(os.listdir(out)) == ["masks", "masks.json", "objects.jsonl", "overlay.mp4", "rgba", "summary.json"]
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


def files(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_files_are_those_of_a_loop_without_threads(video: Path, mask: Path, tmp_path: Path) -> None:
    (tmp_path / "by_hand").mkdir()
    source = open_frames(video)
    names = ("masks", "overlay", "rle", "rgba")
    sinks = writers(names, tmp_path / "by_hand", Clip(source.name, source.size, source.fps)).values()
    states = States(tmp_path / "by_hand" / "objects.jsonl")
    for index, (frame, labels) in enumerate(zip(source, by_hand(video, mask), strict=True)):
        for sink in sinks:
            sink.write(Result(index, source.stem(index), frame, labels))
        states.write(index, seen(None, labels))
    for close in (*(sink.close for sink in sinks), states.close):
        close()
    segment(video, mask, tmp_path / "out", tracker=Threshold(), outputs=names)
    (tmp_path / "out" / "summary.json").unlink()
    written = files(tmp_path / "out")
    assert len(written) == 2 * COUNT + 3
    assert written == files(tmp_path / "by_hand")


def test_tracker_and_progress_have_the_callers_thread(video: Path, mask: Path, tmp_path: Path) -> None:
    seen: list[tuple[str, list[str]]] = []

    class Watching(Threshold):
        def step(self, frame: np.ndarray) -> np.ndarray:
            seen.append((threading.current_thread().name, stage_threads()))
            return super().step(frame)

    def progress(done: int, count: int | None) -> None:
        seen.append((threading.current_thread().name, stage_threads()))

    caller = threading.Thread(
        target=segment,
        args=(video, mask, tmp_path / "out"),
        kwargs={"tracker": Watching(), "progress": progress},
        name="caller",
    )
    caller.start()
    caller.join()
    assert len(seen) == 2 * COUNT
    assert {name for name, _ in seen} == {"caller"}
    assert all("write-behind" in threads for _, threads in seen)
    assert seen[0][1] == ["read-ahead", "write-behind"]  # later, reading may be done


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")
def test_tracking_goes_on_while_writing_hangs_up_to_a_few_frames(video: Path, mask: Path, tmp_path: Path) -> None:
    tracker, blocked, steps = Counting(), Blocked(tmp_path / "out"), []

    def release() -> None:
        while tracker.steps <= DEPTH:
            time.sleep(0.005)
        time.sleep(0.1)
        steps.append(tracker.steps)
        blocked.release()

    releaser = threading.Thread(target=release, daemon=True)
    releaser.start()
    summary = segment(video, mask, tmp_path / "out", tracker=tracker, outputs=("masks", "rle"))
    assert steps == [DEPTH + 1]
    assert summary.frames == COUNT
    assert_masks(tmp_path / "out" / "masks", by_hand(video, mask))


def test_folder_names_carry_over(mask: Path, tmp_path: Path) -> None:
    (tmp_path / "frames").mkdir()
    for index in (9, 10):
        Image.fromarray(picture(index)).save(tmp_path / "frames" / f"shot{index}.png")
    segment(tmp_path / "frames", mask, tmp_path / "out", tracker=Threshold(), outputs=("masks",))
    assert sorted(os.listdir(tmp_path / "out" / "masks")) == ["shot10.png", "shot9.png"]
    assert sorted(os.listdir(tmp_path / "out")) == ["masks", "objects.jsonl", "summary.json"]


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
    (lambda f: {"mask": f / "clip.mp4"}, InputError, "looks like a picture, not a mask"),
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
    assert re.fullmatch(r"[^\n]+\.", str(caught.value))
    assert sorted(tmp_path.rglob("*")) == before


def test_input_is_never_overwritten(video: Path, mask: Path, tmp_path: Path) -> None:
    segment(video, mask, tmp_path / "out", tracker=Threshold(), outputs=("rgba", "overlay"))
    before = (tmp_path / "out" / "overlay.mp4").read_bytes()
    with pytest.raises(InputError, match="would overwrite the input"):
        segment(tmp_path / "out" / "overlay.mp4", mask, tmp_path / "out", tracker=Threshold())
    with pytest.raises(InputError, match="would overwrite the input"):
        segment(tmp_path / "out" / "rgba", mask, tmp_path / "out", tracker=Threshold(), outputs=("rgba",))
    assert (tmp_path / "out" / "overlay.mp4").read_bytes() == before


def test_an_object_that_would_be_void_is_refused(video: Path, mask: Path, tmp_path: Path) -> None:
    labels = np.where(load_mask(mask) > 0, np.uint8(255), np.uint8(0))
    given = {0: GivenMask.of("mine", lambda: labels)}
    with pytest.raises(InputError, match="of object 255; ids are 1 to 254"):
        segment(video, given, tmp_path / "out", tracker=Threshold())
    assert not (tmp_path / "out").exists()
