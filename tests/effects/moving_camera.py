"""Clips with a known background: an object passes before a picture that a camera pans over."""

import numpy as np
from PIL import Image

HEIGHT, WIDTH = 144, 192


def picture(seed: int = 0) -> np.ndarray:
    """(300, 420, 3) uint8: smooth colours at several scales."""
    rng = np.random.default_rng(seed)
    size = (420, 300)
    layers = [
        np.asarray(
            Image.fromarray(rng.integers(0, 256, (300 // cell, 420 // cell, 3), np.uint8)).resize(
                size, Image.Resampling.BICUBIC
            ),
            np.float32,
        )
        for cell in (60, 20, 8)
    ]
    return (0.5 * layers[0] + 0.3 * layers[1] + 0.2 * layers[2]).astype(np.uint8)


def clip(count: int, pan: float = 2.5, seed: int = 0) -> tuple[list[np.ndarray], list[np.ndarray], list[np.ndarray]]:
    """Frames, true backgrounds and soft masks: a red disc of radius 22 moves 3 px a frame in a view that pans."""
    image = Image.fromarray(picture(seed))
    frames, truth, masks = [], [], []
    yy, xx = np.mgrid[:HEIGHT, :WIDTH]
    for t in range(count):
        box = (40 + pan * t, 60 + 0.4 * t, 40 + pan * t + WIDTH, 60 + 0.4 * t + HEIGHT)
        background = np.asarray(image.resize((WIDTH, HEIGHT), Image.Resampling.BILINEAR, box))
        distance = np.hypot(xx - 50 - 3 * t, yy - 70)
        mask = np.clip(22.5 - distance, 0, 1).astype(np.float32)
        frame = background + mask[..., None] * (np.array((220, 30, 30)) - background)
        frames.append(np.round(frame).astype(np.uint8))
        truth.append(background)
        masks.append(mask)
    return frames, truth, masks


def psnr(one: np.ndarray, other: np.ndarray, inside: np.ndarray) -> float:
    error = one[inside].astype(np.float64) - other[inside]
    return float(10 * np.log10(255**2 / max((error**2).mean(), 1e-6)))
