"""Real training clips from videos that nobody labelled.

    python tools/pseudo_labels.py VIDEOS --sam SAM_FOLDER --model lite0 -o OUT

VIDEOS holds video files and a clips.json: {name: {"file", "fps", "shots": [[first, end], ...]}}, shots without a cut.
A promptable teacher (Segment Anything, SAM_FOLDER/encoder.onnx and sam.onnx) finds up to four objects in the middle of
a short stretch; a tracker follows them both ways and the teacher corrects it. What both do not agree upon, or what is
not found again on the way back, is written as unknown (255). OUT gets JPEGImages/<clip>/NNNNN.jpg and
Annotations/<clip>/NNNNN.png, one stretch of every video first, then a second one of each, and so on. A clip is there
whole or not at all, and the same command goes on after an end at any moment; OUT/log.jsonl says what was made of what.
"""

import json
import shutil
import sys
import time
from itertools import islice
from pathlib import Path
from typing import Annotated, Any

import cv2
import cyclopts
import numpy as np
from PIL import Image

import mobilevos
from mobilevos.data.pseudo.motion import own_motion
from mobilevos.data.pseudo.proposals import propose
from mobilevos.data.pseudo.sam import Sam
from mobilevos.data.pseudo.stretches import Stretch, in_turn, stretches
from mobilevos.data.pseudo.tracks import track_both_ways
from mobilevos.errors import InputError, MobileVOSError
from mobilevos.video.masks import save_palette_png

SHORT_SIDE = 480
SHORTEST = 8
"""Labelled frames of a clip."""
MOTION_OVER = 2
"""Frames of a stretch over which motion is measured, either way."""
QUALITY = 90


def main(
    videos: Path,
    /,
    *,
    sam: Path,
    output: Annotated[Path, cyclopts.Parameter(name=["--output", "-o"])],
    model: str = "lite0",
    threads: int = 1,
) -> None:
    """Label stretches of the videos in a folder.

    Args:
        videos: folder with clips.json.
        sam: folder with encoder.onnx and sam.onnx.
        output: folder of the clips.
        model: of the tracker.
        threads: CPU threads.
    """
    index = _index(videos)
    teacher, tracker = Sam(sam, threads), mobilevos.Tracker(model, mode="best", threads=threads)
    done = _done(output)
    of_each = {name: stretches(name, facts["shots"], facts["fps"]) for name, facts in index.items()}
    for stretch in in_turn(of_each):
        if stretch.name in done:
            continue
        begin = time.perf_counter()
        try:
            frames = _frames(videos / index[stretch.video].get("file", stretch.video), stretch)
        except InputError as error:
            print(error, file=sys.stderr)
            continue
        first, labels = _labelled(frames, teacher, tracker)
        kept = len(labels) >= SHORTEST
        if kept:
            _write(output, stretch.name, frames[first : first + len(labels)], labels)
        objects = len(set(np.unique(labels)) - {0, 255}) if labels else 0
        facts = {"clip": stretch.name, "kept": kept, "objects": objects, "frames": len(labels)}
        _log(output, facts | {"seconds": round(time.perf_counter() - begin, 1)})


def _index(videos: Path) -> dict[str, Any]:
    """Facts of each video, by name; what was left out, and why, is a sentence in their place."""
    try:
        clips = json.loads((videos / "clips.json").read_text())
    except (OSError, ValueError) as error:
        raise InputError(f"{videos}/clips.json cannot be read; give a folder of videos with their shots.") from error
    return {name: facts for name, facts in clips.items() if isinstance(facts, dict)}


def _frames(path: Path, stretch: Stretch) -> list[np.ndarray]:
    """The stretch's frames, (H, W, 3) uint8 RGB, at most `SHORT_SIDE` high or wide."""
    numbers = stretch.frames
    forward = mobilevos.open_frames(path).forward(stretch.start)
    return [_small(frame) for frame in islice(forward, 0, numbers[-1] - stretch.start + 1, stretch.step)]


def _small(frame: np.ndarray) -> np.ndarray:
    scale = SHORT_SIDE / min(frame.shape[:2])
    if scale >= 1:
        return frame
    return cv2.resize(frame, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)


def _labelled(frames: list[np.ndarray], teacher: Sam, tracker: mobilevos.Tracker) -> tuple[int, list[np.ndarray]]:
    """Number of the first labelled frame, and label maps from there on."""
    middle = len(frames) // 2
    motion = own_motion(frames[middle - MOTION_OVER], frames[middle], frames[middle + MOTION_OVER])
    objects = propose(teacher.look(frames[middle]), frames[middle], motion)
    if not objects.any():
        return middle, []
    return track_both_ways(frames, middle, objects, teacher.look, tracker)


def _write(output: Path, name: str, frames: list[np.ndarray], labels: list[np.ndarray]) -> None:
    part = output / ".part"
    shutil.rmtree(part, ignore_errors=True)
    images, masks = part / "JPEGImages", part / "Annotations"
    images.mkdir(parents=True)
    masks.mkdir()
    for i, (frame, label) in enumerate(zip(frames, labels, strict=True)):
        Image.fromarray(frame).save(images / f"{i:05d}.jpg", quality=QUALITY)
        save_palette_png(masks / f"{i:05d}.png", label)
    for made in (images, masks):  # the masks last: without them there is no clip
        place = output / made.name / name
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.rmtree(place, ignore_errors=True)
        made.rename(place)


def _done(output: Path) -> set[str]:
    """Names of the stretches that earlier runs came to an end with, labelled or not."""
    log = output / "log.jsonl"
    if not log.exists():
        return set()
    lines = log.read_text().splitlines(keepends=True)
    if lines and not lines[-1].endswith("\n"):  # an end while it was written
        log.write_text("".join(lines[:-1]))
    return {json.loads(line)["clip"] for line in lines if line.endswith("\n")}


def _log(output: Path, facts: dict[str, Any]) -> None:
    output.mkdir(parents=True, exist_ok=True)
    with (output / "log.jsonl").open("a") as log:
        log.write(json.dumps(facts) + "\n")
    print(facts, flush=True)


if __name__ == "__main__":
    try:
        cyclopts.run(main)
    except MobileVOSError as error:
        print(error, file=sys.stderr)
        sys.exit(2)
