"""What a camera does to a picture: exposure and colour, noise, blur, compression."""

from functools import cache

import cv2
import numpy as np
from numpy.typing import NDArray

from mobilevos.data.geometry import swing
from mobilevos.data.types import Image

_MAX_STREAK = 15
_GRAIN = 32.0


def film(rng: np.random.Generator, frames: Image) -> Image:
    """Shoot a clip with a random camera.

    Tone (gain, offset and gamma per channel) drifts from frame to frame; noise, defocus, JPEG compression and
    loss of colour come and go with the clip.

    Args:
        frames: (T, H, W, 3) uint8 RGB; overwritten.

    Returns:
        `frames`.
    """
    tones = tone_tables(rng, len(frames))
    grain = abs(rng.normal(0, 3))
    defocus = rng.uniform(0.5, 1.4) if rng.random() < 0.12 else 0.0
    quality = int(rng.integers(15, 70)) if rng.random() < 0.15 else 0
    grey = rng.random() < 0.04
    for frame, tone in zip(frames, tones, strict=True):
        if defocus:
            cv2.GaussianBlur(frame, (0, 0), defocus, dst=frame)
        cv2.LUT(frame, tone, dst=frame)
        if grey:
            cv2.cvtColor(cv2.cvtColor(frame, cv2.COLOR_RGB2GRAY), cv2.COLOR_GRAY2RGB, dst=frame)
        add_noise(rng, frame, grain)
        if quality:
            frame[:] = _compressed(frame, quality)
    return frames


def tone_tables(rng: np.random.Generator, frames: int) -> NDArray[np.uint8]:
    """(frames, 1, 256, 3) look-up tables of a random exposure, contrast and white balance that drift."""
    gain = np.exp(swing(rng, frames, 0.12, 0.02, 0.008, (1,)) + swing(rng, frames, 0.05, 0.01, 0.004, (3,)))
    offset = swing(rng, frames, 10, 2.5, 1, (1,)) + swing(rng, frames, 4, 1, 0.5, (3,))
    gamma = np.exp(swing(rng, frames, 0.15, 0.02, 0.005, (1,)))
    values = np.arange(256)[:, None] / 255
    curve = 255 * values ** gamma[:, None]
    tones = (curve - 128) * gain[:, None] + 128 + offset[:, None]
    return np.clip(np.rint(tones), 0, 255).astype(np.uint8)[:, None]


def matching_tones(image: Image, mask: Image, scene: Image, strength: float) -> NDArray[np.uint8]:
    """(1, 256, 3) table that moves the colours under `mask` towards those of `scene`.

    Mean and standard deviation per channel are matched (Reinhard et al., 2001), in RGB.

    Args:
        image: (h, w, 3) uint8.
        mask: (h, w) uint8, nonzero where `image` counts.
        scene: (h, w, 3) uint8, of any size.
        strength: 0 leaves the colours, 1 matches them fully.
    """
    mean, deviation = (value.ravel() for value in cv2.meanStdDev(image, mask=mask))
    scene_mean, scene_deviation = (value.ravel() for value in cv2.meanStdDev(scene[::4, ::4]))
    # A flat object stays flat: its noise must not be stretched to the contrast of a busy scene.
    ratio = np.clip(scene_deviation / np.maximum(deviation, 1), 0.6, 1.5) ** strength
    target = mean + strength * (scene_mean - mean)
    tones = (np.arange(256)[:, None] - mean) * ratio + target
    return np.clip(np.rint(tones), 0, 255).astype(np.uint8)[None]


def streak(image: Image, motion: NDArray[np.float64]) -> Image:
    """Blur (h, w, C) along a motion of (x, y) px; motions below 2 px do nothing."""
    length = float(np.hypot(*motion))
    if length < 2:
        return image
    reach = min(length, _MAX_STREAK) / 2
    half = int(np.ceil(reach))
    tip = motion / length * reach
    # cv2.line takes points in 1/16 px when shift=4.
    ends = [tuple(int(v) for v in np.rint((half + sign * tip) * 16)) for sign in (-1, 1)]
    kernel = np.zeros((2 * half + 1, 2 * half + 1), np.uint8)
    cv2.line(kernel, ends[0], ends[1], 255, 1, cv2.LINE_AA, shift=4)
    weights = kernel.astype(np.float32) / kernel.sum(dtype=np.float32)
    return cv2.filter2D(image, -1, weights, borderType=cv2.BORDER_REFLECT_101)


def add_noise(rng: np.random.Generator, frame: Image, sigma: float) -> None:
    """Add Gaussian noise of standard deviation `sigma` (grey levels) to (H, W, 3) uint8, in place."""
    tile = _noise_tile(*frame.shape[:2])
    top, left = rng.integers(0, 64, 2)
    grain = tile[top : top + frame.shape[0], left : left + frame.shape[1]]
    weight = sigma / _GRAIN
    cv2.addWeighted(frame, 1, grain, weight, -128 * weight, dst=frame)


@cache
def _noise_tile(height: int, width: int) -> Image:
    """Noise around 128, 64 px larger than a frame; a window of it costs a thirtieth of fresh noise."""
    rng = np.random.default_rng(0)
    noise = rng.normal(128, _GRAIN, (height + 64, width + 64, 3))
    return np.clip(np.rint(noise), 0, 255).astype(np.uint8)


def _compressed(frame: Image, quality: int) -> Image:
    _, data = cv2.imencode(".jpg", cv2.cvtColor(frame, cv2.COLOR_RGB2BGR), [cv2.IMWRITE_JPEG_QUALITY, quality])
    decoded = cv2.imdecode(data, cv2.IMREAD_COLOR)
    assert decoded is not None
    return cv2.cvtColor(decoded, cv2.COLOR_BGR2RGB)
