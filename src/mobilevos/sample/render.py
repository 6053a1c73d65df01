"""Renders the sample clip and its true masks: ``python -m mobilevos.sample.render OUT``."""

import sys
from collections.abc import Iterator
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray

from ..video.files import make_folder
from ..video.masks import save_palette_png
from . import reef
from .fish import BUTTERFLYFISH, CLOWNFISH, Pose, Species, draw
from .texture import Array, mix, smooth

WIDTH, HEIGHT, FRAMES, FPS = 480, 270, 56, 24
SEED = 7
PAN = 1.1  # pixels by which the sea floor moves per frame

Labels = NDArray[np.uint8]


def render() -> Iterator[tuple[NDArray[np.uint8], Labels]]:
    """Yield each frame, (270, 480, 3) uint8 RGB, with its label map: 1 clownfish, 2 butterflyfish."""
    rng = np.random.default_rng(SEED)
    span = WIDTH + round(PAN * FRAMES) + 2
    distance, floor = reef.distance_layer(rng, HEIGHT, span), reef.floor_layer(rng, HEIGHT, span)
    specks = rng.random((60, 4))
    x, y = _grid()
    for index in range(FRAMES):
        fish = _fish(index / (FRAMES - 1))
        picture = _backdrop(distance, floor, index, [pose for _, _, pose in fish])
        visible = np.zeros((3, HEIGHT, WIDTH))  # share of each pixel by label
        visible[0] = 1
        for label, species, pose in fish:
            window = _window(pose.x, 1.4 * pose.length, pose.y, 1.4 * pose.length)
            colour, opacity = draw(species, pose, x[window], y[window])
            haze = 0.05 + 0.25 * smooth(90, 50, pose.length)
            picture[window] = mix(picture[window], mix(colour, reef.SHALLOW * 0.8, haze), opacity)
            visible[:, *window] *= 1 - opacity
            visible[label, *window] += opacity
        for root, scale in _kelp(index / (FRAMES - 1)):
            window = _window(root, 1.3 * scale, HEIGHT / 2, HEIGHT / 2)
            colour, opacity = reef.kelp(x[window], y[window], root, scale, index / FPS)
            picture[window] = mix(picture[window], colour, opacity)
            visible[:, *window] *= 1 - opacity
            visible[0][window] += opacity
        picture = _with_specks(picture, specks, index)
        yield (255 * np.clip(picture, 0, 1)).round().astype(np.uint8), visible.argmax(0).astype(np.uint8)


def write(folder: Path) -> None:
    """Write ``clip.mp4`` (H.264), ``mask.png`` (labels of the first frame) and ``truth.npz`` (all labels)."""
    make_folder(folder)
    truth = []
    with av.open(str(folder / "clip.mp4"), "w", options={"movflags": "faststart"}) as container:
        stream = container.add_stream("libx264", rate=FPS, options={"crf": "20", "preset": "veryslow"})
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        for frame, labels in render():
            truth.append(labels)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(frame, format="rgb24")))
        container.mux(stream.encode())
    save_palette_png(folder / "mask.png", truth[0])
    np.savez_compressed(folder / "truth.npz", labels=np.stack(truth))


def _fish(t: float) -> list[tuple[int, Species, Pose]]:
    """Label, species and pose of each fish, the farther first, at ``t`` in 0..1."""
    turn = 1 - 0.30 * np.sin(np.pi * t) ** 2
    clown = Pose(
        x=120 + 195 * t + 10 * np.sin(5 * t),
        y=172 - 38 * np.sin(2.6 * t) + 2 * t,
        length=74 + 14 * t,
        heading=turn,
        tilt=0.20 * np.cos(2.9 * t) - 0.32 * (1 - t) + 0.05,
        phase=16.0 * t,
    )
    butterfly = Pose(
        x=372 - 235 * t,
        y=84 - 20 * np.sin(3.0 * t) + 22 * t,
        length=50 + 4 * t,
        heading=-(0.78 + 0.22 * np.cos(3.0 * t)),
        tilt=0.16 * np.sin(5.5 * t + 0.5),
        phase=21.0 * t + 1,
    )
    return [(2, BUTTERFLYFISH, butterfly), (1, CLOWNFISH, clown)]


def _kelp(t: float) -> list[tuple[float, float]]:
    """Column of the root and scale of each strand of kelp, in pixels; they are near and so pass quickly."""
    return [(470 - 300 * t, 40.0), (860 - 420 * t, 54.0)]


def _backdrop(distance: reef.Layer, floor: reef.Layer, index: int, fish: list[Pose]) -> Array:
    """Everything behind the fish, with their shadows, (270, 480, 3)."""
    x, y = _grid()
    time = index / FPS
    picture, _ = distance.view(0.35 * PAN * index, WIDTH)
    picture = mix(picture, (0.75, 0.95, 0.90), 0.16 * reef.rays(x + 0.35 * PAN * index, y, HEIGHT, time))
    ground, opacity = floor.view(PAN * index, WIDTH)
    ground = ground * (0.90 + 0.45 * reef.caustics(x + PAN * index, y, time))[..., None]
    for pose in fish:
        away = ((x - pose.x - 12) / (0.75 * pose.length)) ** 2 + ((y - 0.92 * HEIGHT) / 13) ** 2
        ground = ground * (1 - 0.45 * np.exp(-away))[..., None]
    return mix(picture, ground, opacity)


def _with_specks(picture: Array, specks: Array, index: int) -> Array:
    """Add drifting particles: columns of ``specks`` are x, y, size and brightness in 0..1."""
    x, y = _grid()
    for right, down, size, bright in specks:
        col = (right * 560 - (0.6 + size) * index) % 560 - 40
        row = (down * HEIGHT + 0.25 * index + 3 * np.sin(0.1 * index + 9 * right)) % HEIGHT
        radius = 0.7 + 0.9 * size
        rows, cols = (slice(max(int(at) - 6, 0), max(int(at) + 7, 0)) for at in (row, col))
        near = np.hypot(x[rows, cols] - col, y[rows, cols] - row) / radius
        picture[rows, cols] = mix(picture[rows, cols], (0.80, 0.92, 0.88), 0.45 * bright * np.exp(-(near**2)))
    return picture


def _grid() -> tuple[Array, Array]:
    """x and y of the pixel centres, in pixels."""
    y, x = np.mgrid[:HEIGHT, :WIDTH]
    return x + 0.5, y + 0.5


def _window(x: float, reach_x: float, y: float, reach_y: float) -> tuple[slice, slice]:
    """Rows and columns of the pixels within a distance of a point."""
    return (
        slice(max(round(y - reach_y), 0), max(round(y + reach_y), 0)),
        slice(max(round(x - reach_x), 0), max(round(x + reach_x), 0)),
    )


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: python -m mobilevos.sample.render OUT")
    write(Path(sys.argv[1]))
