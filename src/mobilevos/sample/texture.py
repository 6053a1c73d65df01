"""Procedural texture: noise, soft steps and layers of colour. All arrays are float64, colours RGB in 0..1."""

import numpy as np
from numpy.typing import ArrayLike, NDArray
from PIL import Image

Array = NDArray[np.float64]


def fractal(rng: np.random.Generator, height: int, width: int, cell: float, octaves: int = 4) -> Array:
    """(height, width) smooth noise, about -1..1 with mean 0; ``cell``: its coarsest wavelength in pixels."""
    total = np.zeros((height, width))
    for octave in range(octaves):
        rows, cols = (max(2, round(size * 2**octave / cell)) for size in (height, width))
        grid = Image.fromarray(rng.standard_normal((rows, cols)).astype(np.float32))
        total += np.asarray(grid.resize((width, height), Image.Resampling.BICUBIC)) * 0.5 ** (octave + 1)
    return total


def smooth(low: float, high: float, values: ArrayLike) -> Array:
    """Smooth step from 0 at ``low`` to 1 at ``high``."""
    t = np.clip((np.asarray(values, np.float64) - low) / (high - low), 0, 1)
    return t * t * (3 - 2 * t)


def mix(below: Array, above: ArrayLike, opacity: ArrayLike) -> Array:
    """Lay a colour or an (..., 3) picture over another with an opacity of shape (...)."""
    weight = np.asarray(opacity, np.float64)[..., None]
    return below + (np.asarray(above) - below) * weight
