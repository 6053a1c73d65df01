"""First masks on the command line, by the real command on the sample."""

import json
from contextlib import closing
from itertools import islice
from pathlib import Path

import numpy as np
import pytest

from command import mobilevos
from mobilevos import Prompt, load_mask, sample
from mobilevos.engine.main_object import main_object
from mobilevos.evaluation import jaccard
from mobilevos.runtimes import load_prompter
from mobilevos.video.reader import open_frames
from mobilevos.video.stills import read_rgb
from mobilevos.video.writer import VideoWriter

FAST = ("--size", "64", "--threads", "1")


def box_of(mask: np.ndarray) -> str:
    rows, columns = (np.flatnonzero(mask.any(axis)) for axis in (1, 0))
    return f"{columns[0]},{rows[0]},{np.ptp(columns) + 1},{np.ptp(rows) + 1}"


def finished(*arguments: str | Path, cwd: Path) -> str:
    done = mobilevos(*arguments, cwd=cwd)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


@pytest.fixture
def here(tmp_path: Path, sample_frames: list[np.ndarray]) -> Path:
    """``photo.png`` and ``clip.mp4`` of six frames."""
    from PIL import Image

    Image.fromarray(sample_frames[0]).save(tmp_path / "photo.png")
    with VideoWriter(tmp_path / "clip.mp4", 24, sample_frames[0].shape[:2]) as writer:
        for frame in sample_frames[:6]:
            writer.write(frame)
    return tmp_path


def test_a_mask_of_an_image(here: Path, sample_truth: np.ndarray) -> None:
    """What the command writes is what Python makes; ids are as given."""
    one, two = (box_of(sample_truth[0] == i) for i in (1, 2))
    out = json.loads(
        finished("mask", "photo.png", "--box", one, "--box", f"7:{two}", "-o", "m.png", "--json", cwd=here)
    )
    labels = load_mask(here / "m.png")
    assert out["mask"] == "m.png"
    assert [each["id"] for each in out["objects"]] == [1, 7]
    assert [each["area"] for each in out["objects"]] == [np.count_nonzero(labels == i) for i in (1, 7)]
    assert all(0 < each["confidence"] <= 1 for each in out["objects"])
    ours = Prompt(read_rgb(here / "photo.png"), threads=1).box(*map(int, two.split(",")))
    assert jaccard(labels == 7, ours) > 0.97
    assert jaccard(labels == 7, sample_truth[0] == 2) > 0.7


def test_clicks_of_both_kinds(here: Path, sample_truth: np.ndarray) -> None:
    rows, columns = np.nonzero(sample_truth[0] == 2)
    x, y = int(np.median(columns)), int(np.median(rows))
    finished("mask", "photo.png", "--click", "5,5,0", "--click", f"{x},{y}", "-o", "m.png", cwd=here)
    labels = load_mask(here / "m.png")
    assert labels[5, 5] == 0
    prompt = Prompt(read_rgb(here / "photo.png"), threads=1)
    prompt.click(x, y)
    assert jaccard(labels == 1, prompt.click(5, 5, positive=False)) > 0.97


def test_a_mask_is_corrected_and_other_objects_stay(here: Path, sample_truth: np.ndarray) -> None:
    rows, columns = np.nonzero(sample_truth[0] == 2)
    click = f"2:{int(np.median(columns))},{int(np.median(rows))}"
    finished("mask", "photo.png", "-m", sample.mask_path(), "--click", click, "-o", "m.png", cwd=here)
    before, after = load_mask(sample.mask_path()), load_mask(here / "m.png")
    assert not ((before == 1) & (after == 0)).any()
    assert jaccard(after == 2, before == 2) > 0.6


def test_segment_from_a_box_in_a_later_frame(here: Path, sample_truth: np.ndarray) -> None:
    """The first result is the mask that `mobilevos mask` makes of the same frame."""
    box = f"3:{box_of(sample_truth[2] == 2)}"
    finished("mask", "clip.mp4", "--start", "2", "--box", box, "-o", "m.png", cwd=here)
    out = json.loads(
        finished("segment", "clip.mp4", "--start", "2", "--box", box, "--outputs", "masks", "--json", *FAST, cwd=here)
    )
    assert (out["frames"], out["first"], out["objects"]) == (4, 2, [3])
    np.testing.assert_array_equal(load_mask(here / "out/masks/00002.png"), load_mask(here / "m.png"))


def test_the_main_object_without_a_hand(here: Path) -> None:
    """The mask is what Python finds in the frame and one an eighth of a second later; doubt is said."""
    done = mobilevos("mask", "clip.mp4", "--auto", "-o", "m.png", "--json", cwd=here)
    assert done.returncode == 0
    [found] = json.loads(done.stdout)["objects"]
    with closing(open_frames(here / "clip.mp4").forward(0)) as frames:
        first, _, _, later = islice(frames, 4)
    guess = main_object(load_prompter("lite0", threads=1), [first, later])
    assert jaccard(load_mask(here / "m.png") == 1, guess.mask) > 0.97
    assert found["confidence"] == pytest.approx(guess.confidence, abs=0.02)
    assert ("not sure" in done.stderr) == (not guess.sure)


def test_live_from_a_click(here: Path, sample_truth: np.ndarray) -> None:
    rows, columns = np.nonzero(sample_truth[0] == 2)
    click = f"{int(np.median(columns))},{int(np.median(rows))}"
    done = mobilevos("live", sample.clip_path(), "--click", click, "--no-window", "--frames", "3", "--json", *FAST)
    assert (done.returncode, done.stderr) == (0, "")
    assert 1 <= json.loads(done.stdout)["frames"] <= 3  # a busy machine drops some
