"""How well in-painting finds the true background, on clips whose background is known.

    python benchmarks/inpainting.py --photos PHOTOS

A swimming fish of the sample clip is laid over a photograph that a camera pans over, zooms and shakes. The figures are
taken inside of the fish alone: PSNR and SSIM against the photograph behind it, and flicker, by how much the error
changes from one frame to the next (of 0..255). Beside ours, with and without look-ahead, stands OpenCV's in-painting of
each frame by itself (Telea), with the same hole.
"""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from statistics import mean

import cv2
import cyclopts
import numpy as np

from mobilevos import sample
from mobilevos.benchmark import describe_machine
from mobilevos.effects import Inpaint
from mobilevos.video.reader import open_frames
from mobilevos.video.stills import IMAGE_SUFFIXES

HEIGHT, WIDTH = 480, 854
TELEA_RADIUS = 5


@dataclass(frozen=True)
class Clip:
    """Frames with an object, the true background of each, and the object's true masks."""

    frames: list[np.ndarray]
    truth: list[np.ndarray]
    masks: list[np.ndarray]


@dataclass(frozen=True)
class Row:
    """Means over the frames of a clip."""

    psnr: float
    ssim: float
    flicker: float
    fps: float


def camera(photo: np.ndarray, count: int, seed: int) -> Iterator[np.ndarray]:
    """Views (HEIGHT, WIDTH, 3) of a photograph: a pan with a slow zoom, a slight roll, and a shaking hand."""
    rng = np.random.default_rng(seed)
    height, width = photo.shape[:2]
    zoom = 0.62 * min(height / HEIGHT, width / WIDTH)
    across, down = rng.choice((-1, 1), 2)
    shake = np.zeros(4)
    for i in range(count):
        t = i / max(count - 1, 1) - 0.5
        shake = 0.8 * shake + rng.normal(0, (0.5, 0.5, 0.0008, 0.0008))
        scale = zoom * (1 + 0.12 * t + shake[2])
        angle = 0.06 * across * t + shake[3]
        cos, sin = scale * np.cos(angle), scale * np.sin(angle)
        x = width / 2 + across * t * 0.24 * width + scale * shake[0]
        y = height / 2 + down * t * 0.10 * height + scale * shake[1]
        to_photo = np.array(
            [
                [cos, -sin, x - cos * WIDTH / 2 + sin * HEIGHT / 2],
                [sin, cos, y - sin * WIDTH / 2 - cos * HEIGHT / 2],
            ]
        )
        flags = cv2.INTER_AREA | cv2.WARP_INVERSE_MAP
        yield cv2.warpAffine(photo, to_photo, (WIDTH, HEIGHT), flags=flags, borderMode=cv2.BORDER_REFLECT)


def synthesise(photo: Path, count: int, seed: int) -> Clip:
    """The clownfish of the sample swims across the views of a photograph."""
    image = cv2.cvtColor(cv2.imread(str(photo)), cv2.COLOR_BGR2RGB)
    fish, labels = list(open_frames(sample.clip_path()))[:count], sample.truth()[:count]
    clip = Clip([], [], [])
    for i, (background, picture, label) in enumerate(zip(camera(image, len(fish), seed), fish, labels, strict=True)):
        rows, columns = (np.flatnonzero((label == 1).any(axis)) for axis in (1, 0))
        box = np.s_[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
        size = (round(1.4 * (box[1].stop - box[1].start)), round(1.4 * (box[0].stop - box[0].start)))
        own, mask = cv2.resize(picture[box], size), cv2.resize((label[box] == 1) * np.float32(1), size)
        x = round((WIDTH - size[0]) * (0.25 + 0.5 * i / max(len(fish) - 1, 1)))
        y = round((HEIGHT - size[1]) * (0.5 + 0.1 * np.sin(i / 9)))
        here = np.s_[y : y + size[1], x : x + size[0]]
        frame, whole = background.copy(), np.zeros((HEIGHT, WIDTH), np.float32)
        whole[here] = mask
        frame[here] = np.round(mask[..., None] * own + (1 - mask[..., None]) * background[here])
        clip.frames.append(frame)
        clip.truth.append(background)
        clip.masks.append(whole)
    return clip


def ours(clip: Clip, look_ahead: int) -> list[np.ndarray]:
    """In-painted frames; the masks are the true ones."""
    effect = Inpaint(look_ahead)
    results = [effect(frame, mask) for frame, mask in zip(clip.frames, clip.masks, strict=True)]
    return [*(frame for frame in results if frame is not None), *effect.rest()]


def telea(clip: Clip) -> list[np.ndarray]:
    """Every frame by itself."""
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (17, 17))
    holes = (cv2.dilate((mask > 0.3).astype(np.uint8), kernel) for mask in clip.masks)
    return [cv2.inpaint(f, hole, TELEA_RADIUS, cv2.INPAINT_TELEA) for f, hole in zip(clip.frames, holes, strict=True)]


def score(clip: Clip, method: Callable[[Clip], list[np.ndarray]]) -> Row:
    """Run a method and compare."""
    began = time.perf_counter()
    results = method(clip)
    fps = len(results) / (time.perf_counter() - began)
    psnr, similarity, flicker = [], [], []
    before: tuple[np.ndarray, np.ndarray] | None = None
    for result, truth, mask in zip(results, clip.truth, clip.masks, strict=True):
        inside = mask > 0.5
        error = result.astype(np.float32) - truth
        psnr.append(10 * np.log10(255**2 / max(float((error[inside] ** 2).mean()), 1e-3)))
        similarity.append(float(ssim(result, truth)[inside].mean()))
        if before is not None:
            both = inside & before[1]
            flicker.append(float(np.abs(error - before[0])[both].mean()))
        before = error, inside
    return Row(mean(psnr), mean(similarity), mean(flicker), fps)


def ssim(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """(H, W) structural similarity of the brightness (Wang et al., 2004: a Gaussian window of deviation 1.5)."""
    x, y = (cv2.cvtColor(each, cv2.COLOR_RGB2GRAY).astype(np.float64) for each in (one, other))

    def blur(image: np.ndarray) -> np.ndarray:
        return cv2.GaussianBlur(image, (11, 11), 1.5)

    mx, my = blur(x), blur(y)
    vx, vy, cov = blur(x * x) - mx * mx, blur(y * y) - my * my, blur(x * y) - mx * my
    c1, c2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2
    return (2 * mx * my + c1) * (2 * cov + c2) / ((mx * mx + my * my + c1) * (vx + vy + c2))


def main(*, photos: Path, frames: int = 56, look_ahead: int = 30) -> None:
    """Score the methods on a clip of every photograph in a folder, and print a table of means."""
    paths = sorted(path for path in photos.iterdir() if path.suffix.lower() in IMAGE_SUFFIXES)
    methods: dict[str, Callable[[Clip], list[np.ndarray]]] = {
        f"MobileVOS, look-ahead {look_ahead}": lambda clip: ours(clip, look_ahead),
        "MobileVOS, no look-ahead": lambda clip: ours(clip, 0),
        "each frame by itself (OpenCV, Telea)": telea,
    }
    rows: dict[str, list[Row]] = {name: [] for name in methods}
    for seed, path in enumerate(paths):
        clip = synthesise(path, frames, seed)
        for name, method in methods.items():
            rows[name].append(score(clip, method))
            print(path.name, name, rows[name][-1], flush=True)
    print(f"\n{len(paths)} clips of {frames} frames, {WIDTH} x {HEIGHT}; {describe_machine()}, {date.today()}\n")
    print("| method | PSNR, dB | SSIM | flicker | FPS, masks given |", "|---|---|---|---|---|", sep="\n")
    for name, own in rows.items():
        figures = (
            f"{mean(getattr(row, key) for row in own):.{digits}f}"
            for key, digits in (("psnr", 1), ("ssim", 3), ("flicker", 1), ("fps", 1))
        )
        print(f"| {name} | {' | '.join(figures)} |")


if __name__ == "__main__":
    cyclopts.run(main)
