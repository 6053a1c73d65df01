"""One clip's objects as guests of another clip.

Real clips are few, and a network learns them by heart. Objects pasted into other pictures are worth many new pictures
(Ghiasi et al., Simple Copy-Paste, CVPR 2021); pasted frame by frame, they bring along how they really move and change.
A clip can be its own guest: then its objects meet their look-alikes.
"""

from dataclasses import replace

import cv2
import numpy as np

from mobilevos.data.appearance import matching_tones
from mobilevos.data.geometry import Matrices, Path, Temper, crossing
from mobilevos.data.layers import Canvas, Motion, Sprite, premultiply, softened
from mobilevos.data.types import Clip, Labels, choose_targets

_CROSSING_SHARE = 0.4
_NEWCOMER_SHARE = 0.6
"""How often a guest may be a target; else it is a distractor, or hides what it passes."""
_ALONE_SHARE = 0.25
"""How often the host's own objects are background, so that the guests' scene is a new one."""
_SCALES = (0.5, 1.2)
_GUEST = Temper(tilt=0.1, spin=0.03, reach=0.5)


def receive(rng: np.random.Generator, host: Clip, guest: Clip, max_objects: int) -> Clip:
    """Paste the objects of one clip over another, at another place and size, on a path that adds to their own motion.

    Args:
        rng: decides everything.
        host: the scene.
        guest: as long and as large; may be the host.
        max_objects: largest number of targets.

    Returns:
        A clip of any of their objects; the host where none of those chosen is to be seen well in the first frame.
    """
    # Look-alikes look alike.
    strength = rng.uniform(0, 0.8) if guest is not host and rng.random() < 0.6 else 0.0
    if rng.random() < 0.5:
        guest = replace(guest, frames=guest.frames[::-1], labels=guest.labels[::-1])
    if rng.random() < 0.5:
        guest = replace(guest, frames=guest.frames[:, :, ::-1], labels=guest.labels[:, :, ::-1])
    whole = np.isin(guest.labels[0], guest.objects).view(np.uint8)
    if not whole.any():
        return host
    motion = Motion(_poses(rng, host, whole), None, 0.0)
    tones = matching_tones(np.ascontiguousarray(guest.frames[0]), whole, host.frames[0], strength)
    ids = {own: len(host.objects) + own for own in guest.objects}
    images, labels = [], []
    for t in range(len(host.frames)):
        canvas = Canvas(cv2.cvtColor(host.frames[t], cv2.COLOR_RGB2RGBA), host.labels[t].copy())
        image = cv2.LUT(np.ascontiguousarray(guest.frames[t]), tones)
        for own, new in ids.items():
            mask = np.where(guest.labels[t] == own, np.uint8(255), np.uint8(0))
            if mask.any():
                Sprite(premultiply(image, softened(mask)), new, motion).paint(canvas, t)
        images.append(cv2.cvtColor(canvas.rgba, cv2.COLOR_RGBA2RGB))
        labels.append(canvas.labels)
    candidates = [] if rng.random() < _ALONE_SHARE else list(host.objects)
    candidates += [new for new in ids.values() if not candidates or rng.random() < _NEWCOMER_SHARE]
    return choose_targets(rng, np.stack(images), np.stack(labels), candidates, max_objects) or host


def _poses(rng: np.random.Generator, host: Clip, whole: Labels) -> Matrices:
    """(T, 3, 3) poses of the guest's frames; ``whole`` is all of it in the first one, (S, S) uint8."""
    frames, size = host.labels.shape[:2]
    x, y, width, height = cv2.boundingRect(whole)
    anchor = (x + width / 2, y + height / 2)
    if min(x, y, size - x - width, size - y - height) <= 0:
        # What its frame cuts off looks right only where it is.
        return np.broadcast_to(np.eye(3), (frames, 3, 3))
    scale = np.exp(rng.uniform(*np.log(_SCALES)))
    start = rng.uniform(0.15, 0.85, 2) * size
    path = Path.random(rng, frames, (start[0], start[1]), size, 0.5 * np.exp(rng.normal(0, 0.5)), _GUEST)
    path = replace(path, scale=path.scale * scale)
    places = [_place(labels, host.objects) for labels in host.labels]
    if rng.random() < _CROSSING_SHARE and any(side for *_, side in places):
        spots, sides = np.array([place[:2] for place in places]), [place[2] for place in places]
        path = replace(path, position=crossing(rng, spots, max(sides) + scale * (width * height) ** 0.5))
    return path.poses(anchor)


def _place(labels: Labels, objects: tuple[int, ...]) -> tuple[float, float, float]:
    """Centre (x, y) of all objects in one frame, and the side of a square as large as their box, px."""
    x, y, width, height = cv2.boundingRect(np.isin(labels, objects).view(np.uint8))
    return x + width / 2, y + height / 2, (width * height) ** 0.5
