"""One job in this process: prompts of every kind, what its folder holds, and what the disk refuses."""

import json
import os
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import numpy as np
import pytest
from batch_scene import COUNT, HEIGHT, WIDTH, Moody, make_moody, save_clip, save_mask

from mobilevos.batch.jobs import parse_job
from mobilevos.batch.options import Options
from mobilevos.batch.outcome import Outcome, Tally
from mobilevos.batch.store import LocalStore, job_folder
from mobilevos.batch.work import Setup, Worker
from mobilevos.segment import segment
from mobilevos.video import rle
from mobilevos.video.masks import load_mask


class Adding(Moody):
    """Keeps what it is corrected with."""

    def add(self, mask: np.ndarray) -> np.ndarray:
        return mask.astype(np.uint8)


def make_adding(options: Options) -> Adding:
    return Adding()


def do(folder: Path, job: dict[str, Any], make: Any = make_moody, **options: Any) -> tuple[Outcome, Path]:
    setup = Setup(Options(**options), LocalStore(folder / "out"), folder / "scratch", make)
    parsed = parse_job(json.dumps({"video": "clip.mp4", **job}), folder)
    return Worker(setup).run(parsed, lambda done, total: None), folder / "out" / job_folder(parsed.id)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    save_clip(tmp_path / "clip.mp4")
    save_mask(tmp_path / "mask.png")
    save_mask(tmp_path / "mask3.png", 3)
    return tmp_path


def test_prompts_of_every_kind(folder: Path) -> None:
    first, later = (
        {str(i): dict(rle.encode(load_mask(folder / name) == i))} for i, name in ((1, "mask.png"), (3, "mask3.png"))
    )
    jobs = [
        {"id": "mask", "mask": "mask.png"},
        {"id": "objects", "objects": first},
        {"id": "masks", "masks": {"0": "mask.png", "4": "mask3.png"}},
        {"id": "prompts", "prompts": {"0": first, "4": later}},
        {"id": "start", "objects": first, "start": 2, "both": True},
    ]
    made = {}
    for job in jobs:
        outcome, result = do(folder, job, make_adding)
        assert (outcome.status, outcome.frames) == ("done", COUNT), outcome
        made[job["id"]] = (result / "masks.json").read_bytes()
    assert made["mask"] == made["objects"]
    assert made["masks"] == made["prompts"] != made["mask"]
    segment(
        folder / "clip.mp4", folder / "mask.png", folder / "both", tracker=Adding(), outputs=["rle"], start=2, both=True
    )
    assert made["start"] == (folder / "both" / "masks.json").read_bytes()


@pytest.mark.parametrize(
    ("objects", "expected"),
    [
        ({"255": {"size": [HEIGHT, WIDTH], "counts": [0, 3072]}}, "has the id 255"),
        ({"1": {"size": [HEIGHT, WIDTH], "counts": [0, 3072]}, "2": {"size": [4, 4], "counts": [16]}}, "several sizes"),
        ({"1": {"size": [HEIGHT, WIDTH], "counts": [3072]}}, "empty"),
        ({"1": {"size": "big", "counts": [3072]}}, "damaged"),
        ({"1": {"size": [2, 8], "counts": [0, 16]}}, "8x2 but the frames are 64x48"),
    ],
)
def test_objects_that_cannot_be_used(folder: Path, objects: dict[str, Any], expected: str) -> None:
    outcome, result = do(folder, {"objects": objects})
    assert (outcome.status, outcome.kind) == ("failed", "input")
    assert expected in (outcome.reason or "")
    assert not result.exists()


@pytest.mark.parametrize("loose", [False, True])
def test_the_folder_of_a_job(folder: Path, loose: bool) -> None:
    job = {"id": "a", "mask": "mask.png", "meta": {"shop": 7}}
    outcome, result = do(folder, job, outputs=("masks", "overlay", "rle"), loose=loose)
    assert outcome.status == "done"
    masks = "masks" if loose else "masks.zip"
    assert sorted(os.listdir(result)) == sorted([masks, "masks.json", "objects.jsonl", "overlay.mp4", "summary.json"])
    summary = json.loads((result / "summary.json").read_text())
    assert summary["outputs"] == {"masks": masks, "overlay": "overlay.mp4", "rle": "masks.json"}
    assert summary["job"] == {"id": "a", "meta": {"shop": 7}}
    if not loose:
        with ZipFile(result / "masks.zip") as archive:
            assert archive.namelist() == [f"{index:05d}.png" for index in range(COUNT)]
            assert archive.testzip() is None
    assert not list((folder / "out" / ".parts").iterdir())


def test_the_second_result_of_a_job_is_dropped(folder: Path) -> None:
    _, result = do(folder, {"id": "a", "mask": "mask.png"})
    before = (result / "summary.json").stat().st_mtime_ns
    outcome, _ = do(folder, {"id": "a", "mask": "mask.png"})
    assert outcome.status == "done"
    assert (result / "summary.json").stat().st_mtime_ns == before


def test_whole_results_replace_those_that_broke_off(folder: Path) -> None:
    save_clip(folder / "long.mp4", count=60)
    whole = (folder / "long.mp4").read_bytes()
    (folder / "long.mp4").write_bytes(whole[: len(whole) * 2 // 3])
    job = {"id": "a", "video": "long.mp4", "mask": "mask.png"}
    outcome, result = do(folder, job)
    assert (outcome.status, outcome.kind) == ("truncated", "truncated")
    assert json.loads((result / "summary.json").read_text())["truncated"] is True
    (folder / "long.mp4").write_bytes(whole)
    outcome, _ = do(folder, job)
    assert (outcome.status, outcome.frames) == ("done", 60)
    assert json.loads((result / "summary.json").read_text())["frames"] == 60
    assert not list((folder / "out" / ".parts").iterdir())


def test_kinds_that_may_be_tried_again() -> None:
    for kind, tries in {"crash": 3, "memory": 2, "stalled": 2, "timeout": 1, "input": 1, "fetch": 1, "bug": 1}.items():
        tally = Tally()
        for number in range(1, tries + 1):
            tally.add(kind)
            assert tally.may_try(3) is (number < tries)
        assert tally.attempts == tries
