"""The set: open water, sand, coral rocks, light from the surface, and kelp in the foreground."""

from dataclasses import dataclass

import numpy as np

from .texture import Array, fractal, mix, smooth

SUN = np.array((-0.45, -0.75, 0.55)) / np.linalg.norm((-0.45, -0.75, 0.55))
DEEP, SHALLOW = np.array((0.03, 0.20, 0.33)), np.array((0.22, 0.56, 0.62))
CORALS = ((0.80, 0.36, 0.42), (0.78, 0.50, 0.22), (0.46, 0.34, 0.55), (0.55, 0.52, 0.30), (0.62, 0.30, 0.24))


@dataclass(frozen=True)
class Layer:
    """A picture wider than the frame, in the frame's scale, with its opacity."""

    colour: Array  # (h, w, 3)
    opacity: Array  # (h, w)

    def view(self, shift: float, width: int) -> tuple[Array, Array]:
        """The part that starts ``shift`` pixels from the left, interpolated between pixels."""
        left = int(shift)
        part = shift - left

        def cut(picture: Array) -> Array:
            return (1 - part) * picture[:, left : left + width] + part * picture[:, left + 1 : left + 1 + width]

        return cut(self.colour), cut(self.opacity)


def distance_layer(rng: np.random.Generator, height: int, width: int) -> Layer:
    """Water that darkens downwards, with the outlines of far reefs."""
    y = np.linspace(0, 1, height)[:, None] + np.zeros((1, width))
    colour = mix(np.broadcast_to(SHALLOW, (height, width, 3)), DEEP, smooth(0.0, 1.0, y))
    for base, depth in ((0.52, 0.35), (0.64, 0.6)):
        ridge = base + 0.09 * fractal(rng, 2, width, width / 5, 6)[:1]
        texture = fractal(rng, height, width, 30, 4)
        rock = DEEP * (1.15 - 0.5 * depth + 0.28 * texture[..., None]) + 0.05 * (1 - depth)
        colour = mix(colour, rock, 0.75 * smooth(-0.012, 0.012, y - ridge))
    return Layer(np.clip(colour, 0, 1), np.ones((height, width)))


def floor_layer(rng: np.random.Generator, height: int, width: int) -> Layer:
    """Rippled sand with coral rocks on it."""
    y = np.arange(height)[:, None] + np.zeros((1, width))
    horizon = 0.77 * height + 0.035 * height * fractal(rng, 2, width, width / 3, 3)[:1]
    depth = np.clip((y - horizon) / (height - horizon), 0, 1)
    grain = fractal(rng, height, width, 24, 5)
    ripple = np.sin(np.clip(y - horizon, 0, None) ** 0.7 * 1.9 + 2.2 * fractal(rng, height, width, 120, 2))
    sand = np.array((0.72, 0.67, 0.50)) * (0.62 + 0.3 * depth + 0.10 * ripple + 0.16 * grain)[..., None]
    colour, opacity = mix(sand, (0.20, 0.45, 0.52), 0.65 * (1 - depth)), smooth(-1.5, 1.5, y - horizon)
    rocks = sorted((rng.uniform(0.74, 1.0), rng.uniform(0, 1), rng.uniform(0.06, 0.16)) for _ in range(30))
    for down, right, radius in rocks:
        place = (down * height, right * width, radius * height)
        _add_rock(rng, colour, opacity, place, CORALS[rng.integers(len(CORALS))])
    return Layer(np.clip(colour, 0, 1), opacity)


def _add_rock(
    rng: np.random.Generator,
    colour: Array,
    opacity: Array,
    place: tuple[float, float, float],
    tone: tuple[float, float, float],
) -> None:
    """Paint a knobbly rock, placed by (row, column, radius) in pixels, and its shade into the layer."""
    height, width = opacity.shape
    row, col, radius = place
    rows = slice(max(int(row - 2 * radius), 0), min(int(row + 2 * radius), height))
    cols = slice(max(int(col - 2.5 * radius), 0), min(int(col + 2.5 * radius), width))
    y, x = np.mgrid[rows, cols].astype(float)
    knobs = fractal(rng, y.shape[0], y.shape[1], radius * 0.6, 4)
    distance = np.hypot((x - col) / (1.3 * radius), (y - row) / radius)
    distance += 0.16 * fractal(rng, y.shape[0], y.shape[1], radius, 3)
    slope_y, slope_x = np.gradient(radius * (np.sqrt(np.clip(1 - distance**2, 0, 1)) + 0.22 * knobs))
    light = (-slope_x * SUN[0] - slope_y * SUN[1] + SUN[2]) / np.sqrt(1 + slope_x**2 + slope_y**2)
    rock = np.array(tone) * (0.30 + 0.62 * np.clip(light, 0, 1) + 0.10 * knobs)[..., None]
    haze = 0.5 * smooth(1.0, 0.75, row / height)
    inside = smooth(1.0, 0.94, distance)
    shade = smooth(1.45, 0.9, np.hypot((x - col) / (1.3 * radius), (y - row - 0.35 * radius) / (0.8 * radius)))
    shaded = colour[rows, cols] * (1 - 0.45 * shade)[..., None]
    colour[rows, cols] = mix(shaded, mix(rock, (0.16, 0.40, 0.48), haze), inside)
    opacity[rows, cols] = np.maximum(opacity[rows, cols], inside)


def caustics(grid_x: Array, grid_y: Array, time: float) -> Array:
    """Web of light, 0..1, that the waves throw on the ground, at pixel positions and a time in seconds."""
    x, y = grid_x / 26, grid_y / 11
    web = np.ones_like(x)
    for turn, speed in ((0.3, 1.1), (1.9, -0.9), (2.8, 0.7)):
        wave = np.cos(turn) * x + np.sin(turn) * y
        web = web * np.abs(np.sin(wave + 0.9 * np.sin(1.3 * y - turn * x * 0.4 + speed * time)))
    return (1 - web**0.5) ** 3


def rays(grid_x: Array, grid_y: Array, height: int, time: float) -> Array:
    """Slanted beams from the surface, 0..1, fading downwards."""
    slant = grid_x + 0.55 * grid_y
    beams = np.sin(slant / 31 + 0.5 * time) + np.sin(slant / 17 - 0.7 * time + 1) + np.sin(slant / 73 + 2)
    return smooth(0.3, 2.6, beams) * smooth(0.85, 0.0, grid_y / height)


def kelp(grid_x: Array, grid_y: Array, root: float, scale: float, time: float) -> tuple[Array, Array]:
    """Colour and coverage of a leafy strand that sways around the column ``root``; ``scale`` in pixels."""
    y = grid_y / scale
    centre = root + scale * (0.5 * np.sin(0.55 * y + 1.1 * time) + 0.2 * np.sin(1.3 * y - 0.9 * time))
    across = (grid_x - centre) / scale
    phase = 0.9 * y + 0.5 * np.sign(across)
    leaf = 0.12 + 0.36 * np.abs(np.sin(phase)) ** 0.8 + 0.015 * np.sin(9 * y)
    opacity = np.clip(0.5 + (leaf - np.abs(across)) * scale, 0, 1)
    veins = 0.5 + 0.5 * np.sin(24 * np.abs(across) + 9 * y)
    light = 0.55 + 0.35 * smooth(0.3, -0.4, across) + 0.13 * veins - 0.25 * smooth(0.07, 0.02, np.abs(across))
    tone = mix(np.broadcast_to((0.30, 0.33, 0.10), (*y.shape, 3)), (0.16, 0.25, 0.12), np.abs(np.sin(phase)))
    return tone * light[..., None], opacity
