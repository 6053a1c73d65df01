"""Procedural surfaces: noise, stripes, checks, spots and gradients in random palettes."""

import cv2
import numpy as np

from mobilevos.data.types import Floats, Image

_FINEST = 2.5  # px: finer is grain, which the camera adds


def palette(rng: np.random.Generator) -> Image:
    """(256, 1, 3) uint8 colours along a random gradient of two to six stops, smooth or in steps."""
    stops = int(rng.integers(2, 7))
    base = rng.uniform(15, 240, 3)
    base = base.mean() + rng.beta(1.2, 2) * (base - base.mean())  # most things are not vivid
    colours = base + rng.normal(0, 45, (stops, 1)) + rng.normal(0, 18, (stops, 3))
    if rng.random() < 0.25:
        colours[rng.integers(stops)] = rng.uniform(0, 255, 3)
    at = np.linspace(0, stops - 1, 256)
    if rng.random() < 0.4:
        at = np.floor(at * stops / (stops - 1 + 1e-6))
    table = np.stack([np.interp(at, np.arange(stops), channel) for channel in colours.T], axis=1)
    return np.clip(np.rint(table), 0, 255).astype(np.uint8)[:, None]


def texture(rng: np.random.Generator, side: int, colours: Image) -> Image:
    """A random surface, (side, side, 3) uint8 RGB.

    One pattern in the given colours; half of the time a second one in a palette of its own lies over parts of it;
    fine noise roughens the whole.
    """
    surface = cv2.applyColorMap(_levels(_pattern(rng, side)), colours)
    if rng.random() < 0.5:
        above = _pattern(rng, side) > rng.uniform(0.5, 0.75)
        other = cv2.applyColorMap(_levels(_pattern(rng, side)), palette(rng))
        surface = cv2.copyTo(other, above.view(np.uint8), surface)
    rough = noise(rng, side, rng.uniform(3, 16), rng.uniform(0.5, 0.9)) * abs(rng.normal(0, 0.18))
    shade = cv2.cvtColor(_levels(0.5 + 0.5 * rough), cv2.COLOR_GRAY2RGB)
    return cv2.multiply(surface, shade, scale=1 / 128)


def noise(rng: np.random.Generator, side: int, cell: float, persistence: float) -> Floats:
    """(side, side) float32 noise of mean 0 and standard deviation of about 1, band-limited.

    Args:
        rng: decides everything.
        side: px.
        cell: coarsest wavelength, px; each octave halves it.
        persistence: strength of an octave relative to the one before.
    """
    # From coarse to fine, each octave on a grid of its own: only the last step costs a whole image.
    nodes = max(2, round(side / cell) + 1)
    total: Floats = rng.standard_normal((nodes, nodes), np.float32)
    weight, power = persistence, 1.0
    while 2 * nodes * _FINEST < side and weight > 0.05:
        nodes *= 2
        total = cv2.resize(total, (nodes, nodes), interpolation=cv2.INTER_LINEAR)
        total = cv2.add(total, np.float32(weight) * rng.standard_normal((nodes, nodes), np.float32))
        power += weight**2
        weight *= persistence
    # Interpolation between independent nodes loses about half of their variance.
    return cv2.resize(total * np.float32((2 / power) ** 0.5), (side, side), interpolation=cv2.INTER_CUBIC)


def _levels(field: Floats) -> Image:
    """0 to 1 as 0 to 255 uint8, saturated."""
    return cv2.addWeighted(field, 255, field, 0, 0, dtype=cv2.CV_8U)


def _pattern(rng: np.random.Generator, side: int) -> Floats:
    """(side, side) float32, about 0 to 1."""
    return _PATTERNS[rng.choice(len(_PATTERNS), p=_PATTERN_SHARES)](rng, side)


def _clouds(rng: np.random.Generator, side: int) -> Floats:
    coarse = side * np.exp(rng.uniform(np.log(0.06), np.log(0.6)))
    return 0.5 + 0.25 * noise(rng, side, coarse, rng.uniform(0.35, 0.8))


def _stripes(rng: np.random.Generator, side: int) -> Floats:
    return _edged(rng, np.sin(_waves(rng, side, 1)[0]))


def _checks(rng: np.random.Generator, side: int) -> Floats:
    first, second = _waves(rng, side, 2)
    return _edged(rng, np.sin(first) * np.sin(second))


def _spots(rng: np.random.Generator, side: int) -> Floats:
    first, second = _waves(rng, side, 2)
    return _edged(rng, np.cos(first) + np.cos(second) - rng.uniform(0, 1))


def _gradient(rng: np.random.Generator, side: int) -> Floats:
    """Linear, or round about a point."""
    x, y = _grid(rng, side)
    ramp = np.hypot(x, y) if rng.random() < 0.4 else x + 0.5
    return (ramp + 0.05 * noise(rng, side, side / 3, 0.5)).astype(np.float32)


_PATTERNS = (_clouds, _stripes, _checks, _spots, _gradient)
_PATTERN_SHARES = (0.5, 0.15, 0.1, 0.13, 0.12)


def _grid(rng: np.random.Generator, side: int) -> tuple[Floats, Floats]:
    """x, y in sides about a random origin, turned by a random angle: (side, side) float32 each."""
    angle, (left, top) = rng.uniform(0, 2 * np.pi), rng.uniform(-0.7, -0.3, 2)
    step = np.arange(side, dtype=np.float32) / side
    x, y = step[None] + np.float32(left), step[:, None] + np.float32(top)
    cos, sin = np.float32(np.cos(angle)), np.float32(np.sin(angle))
    return cos * x + sin * y, cos * y - sin * x


def _waves(rng: np.random.Generator, side: int, count: int) -> list[Floats]:
    """Phases of `count` waves at right angles, bent by slow noise."""
    turns = np.exp(rng.uniform(np.log(4), np.log(28)))
    bend = float(rng.choice([0, 0.5, 2])) * noise(rng, side, side / rng.uniform(2, 5), 0.4)
    return [np.float32(2 * np.pi * turns) * axis + bend for axis in _grid(rng, side)[:count]]


def _edged(rng: np.random.Generator, wave: Floats) -> Floats:
    """A wave of -1 to 1 as 0 to 1, with edges from soft to hard."""
    return 0.5 + float(rng.choice([0.5, 1.5, 6])) * wave
