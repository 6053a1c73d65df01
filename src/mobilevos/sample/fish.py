"""Two fish that swim: outline, pattern and shading are functions of coordinates that bend with the body."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import numpy as np

from .texture import Array, fractal, mix, smooth

NOSE, ROOT, END = 1.0, -0.72, -1.2  # x of nose, tail root and tail end in body coordinates
SKIN_SIZE = 256


@dataclass(frozen=True)
class Skin:
    """Where on the fish each pixel lies: ``along`` 0 nose, 1 tail root; ``across`` -1 back, 1 belly."""

    along: Array
    across: Array
    noise: Array


@dataclass(frozen=True)
class Species:
    """Shape (in units of half the body length) and colours of a kind of fish.

    Attributes:
        height: scale of the body's half height.
        fin: height of the dorsal fin; the anal fin is two thirds of it.
        fin_colour: RGB of the fins.
        rim: RGB of the fins' edge.
        paint: colour of the body.
    """

    height: float
    fin: float
    fin_colour: tuple[float, float, float]
    rim: tuple[float, float, float]
    paint: Callable[[Skin], Array]


@dataclass(frozen=True)
class Pose:
    """Place (x, y) and half length in pixels, heading (1 right, -1 left, between: turned away), radians."""

    x: float
    y: float
    length: float
    heading: float
    tilt: float
    phase: float  # of the tail beat


def draw(species: Species, pose: Pose, grid_x: Array, grid_y: Array) -> tuple[Array, Array]:
    """Colour (h, w, 3) and coverage (h, w) of a fish at the given pixel positions."""
    dx, dy = (grid_x - pose.x) / pose.length, (grid_y - pose.y) / pose.length
    x = (np.cos(pose.tilt) * dx + np.sin(pose.tilt) * dy) / pose.heading
    y = np.cos(pose.tilt) * dy - np.sin(pose.tilt) * dx
    # A wave runs from head to tail and grows on the way.
    y = y - 0.13 * smooth(0.7, -1.2, x) * np.sin(2.6 * x + pose.phase) * np.sign(pose.heading)

    along = (NOSE - x) / (NOSE - ROOT)
    u = np.clip(along, 0, 1)
    half = species.height * np.sqrt(u) * (1 - u) ** 1.05 * 2.6 + 0.125 * smooth(0, 0.5, u)
    across = y / np.maximum(half, 1e-3)

    def edge(distance: Array) -> Array:
        return np.clip(0.5 + distance * pose.length * abs(pose.heading) ** 0.5, 0, 1)

    body = edge(np.where(x > ROOT - 0.03, np.minimum(half - np.abs(y), NOSE - x), -1.0))
    beyond = np.clip((ROOT + 0.04 - x) / (ROOT - END), 0, 1)
    tail_half = 0.11 + 0.50 * species.height**0.5 * beyond**0.75
    notch = 0.05 * np.cos(np.clip(np.abs(y) / 0.45, 0, 1) * np.pi)  # slightly forked end
    tail_inside = np.where(x < ROOT + 0.04, np.minimum(tail_half - np.abs(y), x - END - notch), -1.0)
    stretch = np.clip((along - 0.22) / 0.62, 0, 1)
    ridge = np.sin(np.pi * stretch**0.7) ** 0.6 * (1 + 0.05 * np.sin(70 * stretch))
    rise = np.where(y < 0, species.fin, species.fin * 0.66 * smooth(0.25, 0.5, stretch)) * ridge
    fin_inside = np.where(ridge > 1e-3, half + rise - np.abs(y), -1.0)
    fins = np.maximum(edge(tail_inside), edge(fin_inside))

    row = np.clip((across * 0.4 + 0.5) * SKIN_SIZE, 0, SKIN_SIZE - 1).astype(int)
    col = np.clip((along * 0.6 + 0.1) * 2 * SKIN_SIZE, 0, 2 * SKIN_SIZE - 1).astype(int)
    skin = Skin(along, across, _skin_noise()[row, col])

    rays = 0.5 + 0.5 * np.sin(np.where(x < ROOT + 0.04, 60 * y / np.maximum(tail_half, 0.1), 75 * (x - 0.3 * y)))
    fin = np.array(species.fin_colour) * (0.72 + 0.22 * rays + 0.15 * skin.noise)[..., None]
    fin = mix(fin, species.rim, 0.8 * smooth(0.05, 0.02, np.maximum(tail_inside, fin_inside)))

    colour = _with_pectoral(_shaded(species.paint(skin), skin, x, y), species, pose.phase, x, y)
    return mix(fin, colour, body), np.maximum(body, fins)


@cache
def _skin_noise() -> Array:
    return fractal(np.random.default_rng(5), SKIN_SIZE, 2 * SKIN_SIZE, 40)


def _shaded(paint: Array, skin: Skin, x: Array, y: Array) -> Array:
    """Scales, a rounded body lit from above, gill, mouth and eye."""
    a, b = 46 * skin.along, 15 * skin.across
    scales = np.abs(np.sin(a + b)) * np.abs(np.sin(a - b))
    bulge = np.sqrt(np.clip(1 - np.clip(skin.across, -1, 1) ** 2, 0, 1))
    light = 0.42 + 0.5 * bulge - 0.33 * np.clip(skin.across, -1, 1) * bulge + 0.12 * skin.noise
    colour = paint * (light * (0.86 + 0.2 * scales))[..., None]
    gloss = np.exp(-((skin.across + 0.55) ** 2) / 0.03) * smooth(0.05, 0.3, skin.along) * (0.6 + 0.4 * scales)
    colour = mix(colour, (1.0, 1.0, 0.95), 0.22 * gloss)
    gill = np.abs(np.hypot(x - 0.66, y * 0.8) - 0.28)
    colour = colour * (1 - 0.35 * smooth(0.025, 0.0, gill) * (x < 0.6) * (np.abs(skin.across) < 0.75))[..., None]
    mouth = np.abs(y - 0.045 - 0.25 * (NOSE - x)) + 2 * np.clip(NOSE - 0.12 - x, 0, 1)
    colour = mix(colour, (0.15, 0.05, 0.03), 0.7 * smooth(0.025, 0.0, mouth))
    eye = np.hypot(x - 0.70, y + 0.075)
    colour = mix(colour, (0.93, 0.78, 0.45), smooth(0.088, 0.075, eye))
    colour = mix(colour, (0.03, 0.03, 0.05), smooth(0.062, 0.05, eye))
    return mix(colour, (1.0, 1.0, 1.0), smooth(0.024, 0.012, np.hypot(x - 0.72, y + 0.1)))


def _with_pectoral(colour: Array, species: Species, phase: float, x: Array, y: Array) -> Array:
    """Lay the flapping side fin over the body: an ellipse that pivots at its front end."""
    lift = 0.5 + 0.25 * np.sin(1.3 * phase)
    behind, below = 0.22 - x, y - 0.10
    distance = (behind - 0.16) ** 2 / 0.18**2 + (below - 0.5 * lift * behind) ** 2 / 0.085**2
    fin = np.array(species.fin_colour) * (0.75 + 0.35 * np.sin(45 * (below - 0.3 * behind)) ** 2)[..., None]
    fin = mix(fin, species.rim, smooth(0.7, 0.95, distance))
    return mix(colour, fin, 0.9 * smooth(1.05, 0.95, distance))


def _clownfish(skin: Skin) -> Array:
    base = np.array((0.98, 0.47, 0.10)) + 0.10 * skin.noise[..., None] * np.array((0.6, 1.0, 0.5))
    base = mix(base, (0.75, 0.22, 0.05), 0.7 * smooth(-0.2, -1.0, skin.across))
    base = mix(base, (1.0, 0.72, 0.35), 0.6 * smooth(0.3, 1.0, skin.across))
    for centre, width, bow in ((0.27, 0.055, 0.03), (0.55, 0.06, -0.05), (0.93, 0.035, 0.0)):
        offset = np.abs(skin.along - centre - bow * (1 - skin.across**2) - 0.012 * skin.noise)
        base = mix(base, (0.06, 0.04, 0.05), smooth(width + 0.03, width + 0.018, offset))
        base = mix(base, (0.97, 0.96, 0.94), smooth(width + 0.006, width - 0.006, offset))
    return base


def _butterflyfish(skin: Skin) -> Array:
    base = np.array((0.93, 0.90, 0.80)) + 0.06 * skin.noise[..., None]
    base = mix(base, (0.96, 0.76, 0.14), smooth(0.45, 0.85, skin.along + 0.12 * skin.across))
    slant = skin.along * 1.9 + 0.22 * skin.across + 0.03 * skin.noise
    lines = smooth(0.35, 0.75, np.sin(2 * np.pi * 4.2 * slant)) * smooth(0.27, 0.33, skin.along)
    base = mix(base, (0.20, 0.17, 0.24), 0.75 * lines * smooth(0.95, 0.8, skin.along))
    band = np.abs(skin.along - 0.175 - 0.03 * skin.across**2)
    return mix(base, (0.05, 0.05, 0.07), smooth(0.065, 0.045, band))


CLOWNFISH = Species(0.345, 0.15, (0.95, 0.45, 0.12), (0.07, 0.05, 0.06), _clownfish)
BUTTERFLYFISH = Species(0.50, 0.20, (0.95, 0.74, 0.16), (0.98, 0.95, 0.85), _butterflyfish)
