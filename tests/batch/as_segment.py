"""A list of jobs for the product itself, the last three of them broken, and what `segment` makes of the others."""

import json
from pathlib import Path
from typing import Any
from zipfile import ZipFile

from batch_scene import COUNT, in_the_making, noted, save_clip, save_mask, write_list

from mobilevos import Tracker
from mobilevos.segment import segment

MODE, OUTPUTS = "fast", ("rle", "masks")
FAST = ("--outputs", *OUTPUTS, "--mode", MODE, "--threads", "1")
FILES = ("masks.json", "objects.jsonl")


def scene(folder: Path, videos: int, jobs: int, count: int = COUNT) -> Path:
    """A list of jobs over some clips; the last three are broken."""
    for seed in range(videos):
        save_clip(folder / f"{seed}.mp4", seed, count)
    save_mask(folder / "mask.png")
    save_mask(folder / "small.png", size=(40, 64))
    (folder / "text.mp4").write_text("no video")
    lines: list[dict[str, Any]] = [
        {"id": f"j{i}", "video": f"{i % videos}.mp4", "mask": "mask.png", "start": i // videos % 3, "both": i % 2 == 1}
        for i in range(jobs - 3)
    ]
    broken = [("none.mp4", "mask.png"), ("text.mp4", "mask.png"), ("0.mp4", "small.png")]
    lines += [{"id": f"broken{i}", "video": video, "mask": mask} for i, (video, mask) in enumerate(broken)]
    return write_list(folder, lines)


def assert_complete(folder: Path) -> None:
    """Every job in ``folder/out`` has come to its end once, whatever became of its workers."""
    out = folder / "out"
    ends = noted(out)
    reasons = {i: entries[-1]["reason"] for i, entries in ends.items() if entries[-1]["status"] == "failed"}
    assert sorted(reasons) == ["broken0", "broken1", "broken2"]
    assert "does not exist" in reasons["broken0"]
    assert "cannot be read as a video" in reasons["broken1"]
    assert "small.png is 64x40" in reasons["broken2"]
    for entries in ends.values():
        assert [entry["status"] for entry in entries[:-1]] == ["failed"] * (len(entries) - 1)
        assert all(entry["kind"] == "crash" for entry in entries[:-1])
    assert not in_the_making(out)
    assert_as_segment(folder, out)


def assert_as_segment(folder: Path, out: Path) -> None:
    """Every good job's results, byte for byte."""
    made: dict[tuple[Any, ...], Path] = {}
    for line in map(json.loads, (folder / "jobs.jsonl").read_text().splitlines()):
        if line["id"].startswith("broken"):
            continue
        about = line["video"], line["start"], line["both"]
        if about not in made:
            made[about] = folder / "by-segment" / line["id"]
            segment(
                folder / line["video"],
                folder / line["mask"],
                made[about],
                tracker=Tracker(mode=MODE, threads=1),
                outputs=OUTPUTS,
                start=line["start"],
                both=line["both"],
            )
        (result,) = out.glob(f"jobs/*/{line['id']}")
        for name in FILES:
            assert (result / name).read_bytes() == (made[about] / name).read_bytes()
        with ZipFile(result / "masks.zip") as archive:
            names = sorted(path.name for path in (made[about] / "masks").iterdir() if path.suffix == ".png")
            assert archive.namelist() == names
            assert all(archive.read(name) == (made[about] / "masks" / name).read_bytes() for name in names)
        summary = json.loads((result / "summary.json").read_text())
        assert summary["outputs"] == {"rle": "masks.json", "masks": "masks.zip"}
        assert summary["truncated"] is False
