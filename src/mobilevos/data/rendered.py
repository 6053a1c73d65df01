"""Rendered clips: moving textured shapes in front of a moving textured scene, with no picture to start from.

Our own material for the role that BL30K has in the training of STCN: endless video with exact labels, strong
motion, deformation, occlusion and look-alikes.
"""

from dataclasses import dataclass, replace

import cv2
import numpy as np

from mobilevos.data.appearance import film
from mobilevos.data.geometry import (
    Matrices,
    Path,
    Temper,
    crossing,
    pose,
    random_bends,
    swing,
)
from mobilevos.data.layers import Backdrop, Canvas, Motion, Sprite, premultiply
from mobilevos.data.shapes import lattice, limb, silhouette
from mobilevos.data.textures import palette, texture
from mobilevos.data.types import Clip, Image, Labels, choose_targets

_OBJECTS = ((2, 3, 4, 5), (0.5, 0.3, 0.14, 0.06))
_OBJECT_AREA = (0.01, 0.3)
_TWIN_SHARE = 0.25
_CAMOUFLAGE_SHARE = 0.12
_ARTICULATED_SHARE = 0.15
_CROSSING_SHARE = 0.3
_OCCLUDER_SHARE = 0.3
_SHADOW_SHARE = 0.3
_LIGHT_SHARE = 0.4
_BLURRED_SHARE = 0.15
_DARKEST_SHADOW = 110
_CAMERA = Temper(tilt=0.1, spin=0.05, reach=0.25)
_ACTOR = Temper(tilt=0.5, spin=0.12, reach=1.0)


@dataclass(frozen=True)
class _Part:
    """A rigid part of a body: its picture as in `Sprite`, and its poses (T, 3, 3) in the space of the body."""

    rgba: Image
    poses: Matrices


@dataclass(frozen=True)
class _Body:
    """Parts from back to front about the point (0, 0), and the side of a square as large as the body, px."""

    parts: list[_Part]
    side: float


@dataclass(frozen=True)
class _World:
    """What all things of a clip share: its form, the motion of the camera, and the surfaces they are made of."""

    frames: int
    size: int
    camera: Path
    energy: float
    shutter: float
    surfaces: list[Image]

    def view(self, nearness: float) -> Matrices:
        """(T, 3, 3) motion of the image of things so near: 1 is the far end, and nearer things move more."""
        middle = np.full(2, self.size / 2)
        path = replace(
            self.camera,
            position=middle + nearness * (self.camera.position - middle),
            scale=self.camera.scale**nearness,
        )
        return path.poses((middle[0], middle[1]))


def render(rng: np.random.Generator, frames: int = 3, size: int = 256, max_objects: int = 2) -> Clip:
    """Render a clip of two to five moving objects.

    Args:
        rng: decides everything.
        frames: T >= 1.
        size: side S of the square frames, px.
        max_objects: largest number of targets.
    """
    # Now and then no object is of a usable size in the first frame.
    while (clip := _stage(rng, frames, size, max_objects)) is None:
        pass
    return clip


def _stage(rng: np.random.Generator, frames: int, size: int, max_objects: int) -> Clip | None:
    energy = float(np.exp(rng.normal(0, 0.5)))
    world = _World(
        frames,
        size,
        camera=Path.random(rng, frames, (size / 2, size / 2), size, 0.6 * energy, _CAMERA),
        energy=energy,
        shutter=rng.uniform(0.2, 0.7) if rng.random() < _BLURRED_SHARE else 0.0,
        surfaces=_surfaces(rng, size),
    )
    layers = _scenery(rng, world)
    count = int(rng.choice(_OBJECTS[0], p=_OBJECTS[1]))
    for label, (path, body) in enumerate(_cast(rng, world, count), 1):
        nearness = 1 + label / count * rng.uniform(0, 0.8)
        layers += _sprites(rng, world, body, path, nearness, label)
        if rng.random() < _OCCLUDER_SHARE:
            layers.append(_occluder(rng, world, nearness))
    backdrop = _backdrop(rng, world)
    light = _light(rng, frames, size) if rng.random() < _LIGHT_SHARE else None
    canvases = []
    for t in range(frames):
        canvas = backdrop.paint(t, size)
        for layer in layers:
            layer.paint(canvas, t)
        canvases.append(canvas if light is None else _lit(canvas, light[t]))
    images = np.stack([cv2.cvtColor(canvas.rgba, cv2.COLOR_RGBA2RGB) for canvas in canvases])
    labels = np.stack([canvas.labels for canvas in canvases])
    return choose_targets(rng, film(rng, images), labels, range(1, count + 1), max_objects)


def _surfaces(rng: np.random.Generator, size: int) -> list[Image]:
    """The ground of the scene, and two or three others that objects and scenery share: that makes look-alikes."""
    colours = palette(rng)
    surfaces = [texture(rng, round(1.15 * size), colours)]
    for _ in range(rng.integers(2, 4)):
        own = colours if rng.random() < _CAMOUFLAGE_SHARE else palette(rng)
        surfaces.append(texture(rng, round(rng.uniform(0.4, 0.8) * size), own))
    return surfaces


def _backdrop(rng: np.random.Generator, world: _World) -> Backdrop:
    ground = world.surfaces[0]
    middle = np.full(2, world.size / 2)
    place = pose((ground.shape[1] / 2, ground.shape[0] / 2), middle, np.exp(rng.uniform(0, 0.3)), rng.normal(0, 0.3))
    bends = random_bends(rng, world.frames, world.size, 0.5)
    return Backdrop(cv2.cvtColor(ground, cv2.COLOR_RGB2RGBA), None, Motion(world.view(1) @ place, bends, world.shutter))


def _scenery(rng: np.random.Generator, world: _World) -> list[Sprite]:
    """Up to three things that stand in the scene, from far to near."""
    sprites = []
    for nearness in np.sort(rng.uniform(1, 1.5, rng.integers(0, 4))):
        area = world.size**2 * np.exp(rng.uniform(np.log(0.01), np.log(0.4)))
        alpha = silhouette(rng, area, 1.2 * world.size)
        rgba = _painted(rng, alpha, world.surfaces[rng.integers(len(world.surfaces))])
        sprites.append(_standing(rng, world, rgba, float(nearness), sways=False))
    return sprites


def _occluder(rng: np.random.Generator, world: _World, nearness: float) -> Sprite:
    """Something thin that stands, and may sway, in front of what was painted so far."""
    alpha = lattice(rng, world.size * rng.uniform(0.5, 1.2))
    return _standing(rng, world, _painted(rng, alpha, world.surfaces[-1]), 1.2 * nearness, sways=True)


def _standing(rng: np.random.Generator, world: _World, rgba: Image, nearness: float, sways: bool) -> Sprite:
    height, width = rgba.shape[:2]
    place = pose((width / 2, height / 2), rng.uniform(0, world.size, 2), 1, rng.normal(0, 0.6))
    bends = random_bends(rng, world.frames, max(height, width), 0.5) if sways else None
    return Sprite(rgba, 0, Motion(world.view(nearness) @ place, bends, world.shutter))


def _cast(rng: np.random.Generator, world: _World, count: int) -> list[tuple[Path, _Body]]:
    """Bodies on their paths, the last one often in front of another; some are twins of one before them."""
    cast: list[tuple[Path, _Body]] = []
    for number in range(count):
        twin = cast and rng.random() < _TWIN_SHARE
        body = cast[rng.integers(len(cast))][1] if twin else _body(rng, world)
        start = rng.uniform(0.15, 0.85, 2) * world.size
        energy = world.energy * float(np.exp(rng.normal(0, 0.4)))
        path = Path.random(rng, world.frames, (start[0], start[1]), world.size, energy, _ACTOR)
        if cast and number == count - 1 and rng.random() < _CROSSING_SHARE:
            passed, behind = cast[rng.integers(len(cast))]
            path = replace(path, position=crossing(rng, passed.position, body.side + behind.side))
        cast.append((path, body))
    return cast


def _body(rng: np.random.Generator, world: _World) -> _Body:
    low, high = np.log(_OBJECT_AREA)
    side = world.size * float(np.exp(rng.uniform(low, high) / 2))
    first = 0 if rng.random() < _CAMOUFLAGE_SHARE else 1
    surface = world.surfaces[rng.integers(first, len(world.surfaces))]
    articulated = rng.random() < _ARTICULATED_SHARE
    alpha = silhouette(rng, side**2 * (0.6 if articulated else 1), 1.1 * world.size)
    inside = np.argwhere(alpha == alpha.max())
    middle = np.array(alpha.shape) / 2
    trunk = _Part(_painted(rng, alpha, surface), _hinged(alpha, (0.5, 0.5), np.zeros(2), np.zeros(world.frames)))
    limbs = []
    for _ in range(rng.integers(2, 5) if articulated else 0):
        arm = limb(rng, side * rng.uniform(0.5, 1))
        turn = rng.uniform(0, 2 * np.pi) + swing(rng, world.frames, 0, 0.35 * world.energy, 0.02)
        joint = (inside[rng.integers(len(inside))] - middle)[::-1]
        limbs.append(_Part(_painted(rng, arm, surface), _hinged(arm, (0.1, 0.5), joint, turn)))
    front = int(rng.integers(len(limbs) + 1))
    return _Body([*limbs[:front], trunk, *limbs[front:]], side)


def _hinged(alpha: Labels, hinge: tuple[float, float], place: Matrices, turn: Matrices) -> Matrices:
    """(T, 3, 3) poses of a part that turns, by angles (T,), about a hinge, (x, y) in shares of its box, at `place`."""
    height, width = alpha.shape
    anchor = (hinge[0] * width, hinge[1] * height)
    return np.stack([pose(anchor, place, 1, angle) for angle in turn])


def _sprites(
    rng: np.random.Generator, world: _World, body: _Body, path: Path, nearness: float, label: int
) -> list[Sprite]:
    """The parts of a body on its path; a single part bends and may throw a shadow."""
    poses = world.view(nearness) @ path.poses((0, 0))
    if len(body.parts) > 1:
        return [Sprite(p.rgba, label, Motion(poses @ p.poses, None, world.shutter)) for p in body.parts]
    (part,) = body.parts
    bends = random_bends(rng, world.frames, body.side, 2.0)
    motion = Motion(poses @ part.poses, bends, world.shutter)
    sprites = [Sprite(part.rgba, label, motion)]
    if rng.random() < _SHADOW_SHARE:
        moved = np.eye(3)
        moved[:2, 2] = rng.uniform(-0.3, 0.3, 2) * body.side
        sprites.insert(0, Sprite(_shadow(rng, part.rgba), label, replace(motion, poses=moved @ motion.poses)))
    return sprites


def _shadow(rng: np.random.Generator, rgba: Image) -> Image:
    """A soft dark patch; too thin to count as covering anything, it leaves labels as they are."""
    alpha = cv2.extractChannel(rgba, 3)
    soft = cv2.blur(alpha, (9, 9), borderType=cv2.BORDER_CONSTANT)
    shadow = np.zeros_like(rgba)
    shadow[..., 3] = soft * (rng.uniform(50, _DARKEST_SHADOW) / 255)
    return shadow


def _painted(rng: np.random.Generator, alpha: Labels, surface: Image) -> Image:
    """A shape of a random cut of a surface, lit from one side so that it looks solid: `Sprite`'s (h, w, 4)."""
    height, width = alpha.shape
    place = pose(
        (surface.shape[1] * rng.uniform(0.3, 0.7), surface.shape[0] * rng.uniform(0.3, 0.7)),
        np.array([width / 2, height / 2]),
        np.exp(rng.uniform(-0.4, 0.3)),
        rng.uniform(0, 2 * np.pi),
    )
    skin = cv2.warpAffine(surface, place[:2], (width, height), borderMode=cv2.BORDER_REFLECT_101)
    reach = max(2, round(min(height, width) * rng.uniform(0.05, 0.2)))
    angle = rng.uniform(0, 2 * np.pi)
    shift = np.array([[1, 0, reach * np.cos(angle)], [0, 1, reach * np.sin(angle)]])
    round_about = cv2.blur(alpha, (2 * reach + 1, 2 * reach + 1), borderType=cv2.BORDER_CONSTANT)
    shade = cv2.warpAffine(round_about, shift, (width, height))
    strength = rng.uniform(0, 0.9)
    # Seen from the middle of the shape the light is 1; it fades towards the edge that is turned away.
    light = cv2.addWeighted(shade, strength / 2, shade, 0, 128 * (1.15 - strength))
    return premultiply(cv2.multiply(skin, cv2.cvtColor(light, cv2.COLOR_GRAY2RGB), scale=1 / 128), alpha)


def _light(rng: np.random.Generator, frames: int, size: int) -> list[Image]:
    """Uneven light that drifts over the scene: T x (S, S) uint8, 128 leaves a pixel as it is."""
    nodes = swing(rng, frames, 30, 6, 0.5, (4, 4))
    coarse = np.clip(128 + nodes, 30, 250).astype(np.uint8)
    # Smooth at a small size first: cubic interpolation of a whole frame is slow.
    smooth = [cv2.resize(grid, (32, 32), interpolation=cv2.INTER_CUBIC) for grid in coarse]
    return [cv2.resize(field, (size, size), interpolation=cv2.INTER_LINEAR) for field in smooth]


def _lit(canvas: Canvas, light: Image) -> Canvas:
    rgba = cv2.multiply(canvas.rgba, cv2.cvtColor(light, cv2.COLOR_GRAY2RGBA), scale=1 / 128)
    return replace(canvas, rgba=rgba)
