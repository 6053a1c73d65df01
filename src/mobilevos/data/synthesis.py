"""Clips synthesised from still images: an endless supply of exact masks under motion and occlusion."""

from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from mobilevos.data.appearance import film, matching_tones
from mobilevos.data.geometry import Matrices, Path, Temper, crossing, mirror, pose, random_bends
from mobilevos.data.layers import Backdrop, Cutout, Motion, Sprite, cut_out
from mobilevos.data.stills import Still, StillSet
from mobilevos.data.types import Clip, Image, choose_targets
from mobilevos.errors import InputError

_PASTED = ((0, 1, 2, 3), (0.25, 0.35, 0.25, 0.15))
_TARGET_SHARE = 0.75
_LOOKALIKE_SHARE = 0.2
_CROSSING_SHARE = 0.3
_BLURRED_SHARE = 0.25
_SPRITE_AREA = (0.008, 0.4)
_MAX_ENLARGEMENT = 1.8
_CAMERA = Temper(tilt=0, spin=0.05, reach=0.25)
_ACTOR = Temper(tilt=0.2, spin=0.12, reach=1.0)


@dataclass(frozen=True)
class _Actor:
    """A sprite before it is painted: its path, and the side of a square as large as it is, px."""

    cutout: Cutout
    path: Path
    side: float


def synthesise(
    rng: np.random.Generator, stills: StillSet, frames: int = 3, size: int = 256, max_objects: int = 2
) -> Clip:
    """Stage a scene of one to four stills and film it.

    The backdrop is a still with its own objects under camera motion. Up to three objects from other stills,
    or copies of one that is there already, move over it, each on a smooth path with turns, zoom, shear and
    free-form bending; some are targets, some distractors, and some cross in front of a target.

    Args:
        rng: decides everything.
        stills: where images come from.
        frames: T >= 1.
        size: side S of the square frames, px.
        max_objects: largest number of targets.

    Raises:
        InputError: a still cannot be used, or twenty scenes in a row had no target.
    """
    for _ in range(20):
        clip = _stage(rng, stills, frames, size, max_objects)
        if clip is not None:
            return clip
    raise InputError("20 synthetic scenes in a row had no object of a usable size; check the masks of the stills.")


def _stage(rng: np.random.Generator, stills: StillSet, frames: int, size: int, max_objects: int) -> Clip | None:
    pasted = int(rng.choice(_PASTED[0], p=_PASTED[1]))
    sources = [_draw(rng, stills)]
    for _ in range(pasted):
        sources.append(sources[rng.integers(len(sources))] if _chance(rng, _LOOKALIKE_SHARE) else _draw(rng, stills))
    # An object that its still cuts off looks right only where it is: the most cropped one makes the backdrop.
    host = int(np.argmax([cutout.cropped for _, cutout in sources]))
    still, own = sources.pop(host)

    energy = float(np.exp(rng.normal(0, 0.5)))
    shutter = rng.uniform(0.2, 0.7) if _chance(rng, _BLURRED_SHARE) else 0.0
    camera = _camera(rng, frames, size, energy * (0.5 if pasted else 0.9))
    if _chance(rng, 0.5):
        camera = mirror(size) @ camera
    view = _framing(rng, still, own, size)
    backdrop = Backdrop(
        cv2.cvtColor(still.image, cv2.COLOR_RGB2RGBA),
        still.labels,
        Motion(camera @ view, random_bends(rng, frames, size, 0.5), shutter),
    )
    actors = [_cast(rng, cutout, frames, size, energy) for _, cutout in sources]
    if actors and _chance(rng, _CROSSING_SHARE):
        actors[-1] = _crossing(rng, actors, (view @ [*own.center, 1])[:2], own.area**0.5 * view[0, 0], frames)

    first_label = max(still.ids) + 1
    sprites = [
        _sprite(rng, actor, camera, still.image, size, shutter, label)
        for label, actor in enumerate(actors, first_label)
    ]
    canvases = []
    for t in range(frames):
        canvas = backdrop.paint(t, size)
        for sprite in sprites:
            sprite.paint(canvas, t)
        canvases.append(canvas)
    images = np.stack([cv2.cvtColor(canvas.rgba, cv2.COLOR_RGBA2RGB) for canvas in canvases])
    labels = np.stack([canvas.labels for canvas in canvases])
    candidates = [*rng.permutation(still.ids)[:2], *(s.label for s in sprites if _chance(rng, _TARGET_SHARE))]
    return choose_targets(rng, film(rng, images), labels, candidates, max_objects)


def _chance(rng: np.random.Generator, share: float) -> bool:
    return bool(rng.random() < share)


def _draw(rng: np.random.Generator, stills: StillSet) -> tuple[Still, Cutout]:
    still = stills.draw(rng)
    return still, cut_out(still, int(rng.choice(still.ids)))


def _camera(rng: np.random.Generator, frames: int, size: int, energy: float) -> Matrices:
    """(T, 3, 3) motion of the whole scene about the middle of the frame."""
    middle = (size / 2, size / 2)
    return Path.random(rng, frames, middle, size, energy, _CAMERA).poses(middle)


def _framing(rng: np.random.Generator, still: Still, own: Cutout, size: int) -> Matrices:
    """(3, 3) pose of the backdrop: its short side fills the frame, or it is zoomed in towards its object."""
    height, width = still.labels.shape
    fill = size / min(height, width)
    scale = fill * np.exp(rng.uniform(0.02, 0.35))
    if _chance(rng, 0.3):
        wanted = size * np.exp(rng.uniform(np.log(0.15), np.log(0.6)))
        scale = np.clip(wanted / own.area**0.5, scale, 2 * fill)
    focus = np.array(own.center if _chance(rng, 0.6) else (width / 2, height / 2)) + rng.normal(0, 15, 2)
    margin = size / 2 / scale
    focus = np.clip(focus, margin, np.array([width, height]) - margin)
    middle = np.array([size / 2, size / 2])
    return pose((focus[0], focus[1]), middle, scale, rng.normal(0, 0.06), rng.normal(0, 0.04))


def _cast(rng: np.random.Generator, cutout: Cutout, frames: int, size: int, energy: float) -> _Actor:
    """Give an object a size, a place and a path."""
    low, high = np.log(_SPRITE_AREA)
    side = min(size * np.exp(rng.uniform(low, high) / 2), _MAX_ENLARGEMENT * cutout.area**0.5)
    start = rng.uniform(0.15, 0.85, 2) * size
    own_energy = energy * np.exp(rng.normal(0, 0.4))
    path = Path.random(rng, frames, (start[0], start[1]), size, own_energy, _ACTOR)
    return _Actor(cutout, path, side)


def _crossing(
    rng: np.random.Generator,
    actors: list[_Actor],
    own_place: NDArray[np.float64],
    own_side: float,
    frames: int,
) -> _Actor:
    """The last actor, on a path that passes in front of another one, or of the backdrop's own object."""
    victim = int(rng.integers(len(actors)))
    front = actors[-1]
    behind = actors[victim] if victim < len(actors) - 1 else None
    place = behind.path.position if behind else np.broadcast_to(own_place, (frames, 2))
    position = crossing(rng, place, front.side + (behind.side if behind else own_side))
    return replace(front, path=replace(front.path, position=position))


def _sprite(
    rng: np.random.Generator,
    actor: _Actor,
    camera: Matrices,
    scene: Image,
    size: int,
    shutter: float,
    label: int,
) -> Sprite:
    cutout = actor.cutout
    scale = actor.side / cutout.area**0.5
    strength = rng.uniform(0, 0.8) if _chance(rng, 0.6) else 0.0
    tones = matching_tones(cutout.image, cutout.mask, scene, strength)
    shrink = min(scale, 1.0)
    rgba = cutout.premultiplied(shrink, tones, flip=_chance(rng, 0.5))
    height, width = rgba.shape[:2]
    path = replace(actor.path, scale=actor.path.scale * scale / shrink)
    bends = random_bends(rng, len(camera), actor.side, 1.0)
    return Sprite(rgba, label, Motion(camera @ path.poses((width / 2, height / 2)), bends, shutter))
