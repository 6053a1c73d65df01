"""Draw the pictures of the documentation's gallery from the sample inside the package.

    python examples/gallery.py [FOLDER]

Each is a row of four frames. It is also a short use of every effect.
"""

import sys
from pathlib import Path

import numpy as np
from PIL import Image

import mobilevos
from mobilevos import effects, sample

FRAMES = (0, 18, 36, 55)


def evening(height: int, width: int) -> np.ndarray:
    """(H, W, 3) uint8: a sky from blue to orange."""
    top, bottom = np.array([40, 50, 110]), np.array([250, 160, 90])
    down = np.linspace(0, 1, height)[:, None, None] ** 1.5
    return np.broadcast_to(top + down * (bottom - top), (height, width, 3)).astype(np.uint8)


def followed(frames: list[np.ndarray]) -> tuple[list[np.ndarray], list[np.ndarray]]:
    """Label maps and soft masks of the sample's objects, from the mask of the first frame alone."""
    tracker = mobilevos.Tracker()
    labels, soft = [tracker.start(frames[0], mobilevos.load_mask(sample.mask_path()))], [tracker.soft()]
    for frame in frames[1:]:
        labels.append(tracker.step(frame))
        soft.append(tracker.soft())
    return labels, soft


def applied(effect: effects.Effect, frames: list[np.ndarray], soft: list[np.ndarray]) -> list[np.ndarray]:
    """All frames with an effect, whatever its delay."""
    made = [effect(frame, mask) for frame, mask in zip(frames, soft, strict=True)]
    return [frame for frame in made if frame is not None] + list(effect.rest())


def main(folder: Path) -> None:
    """Write one JPEG for each picture."""
    frames = list(mobilevos.open_frames(sample.clip_path()))
    labels, soft = followed(frames)
    height, width = frames[0].shape[:2]
    rows = {
        "overlay": [mobilevos.overlay(frame, label) for frame, label in zip(frames, labels, strict=True)],
        "cutout": applied(effects.Replace([np.full((2, 2, 3), (0, 177, 64), np.uint8)]), frames, soft),
        "blur": applied(effects.Blur(strength=6), frames, soft),
        "replace": applied(effects.Replace([evening(height, width)]), frames, soft),
        "inpaint": applied(effects.Inpaint(look_ahead=30), frames, soft),
    }
    folder.mkdir(parents=True, exist_ok=True)
    for name, made in rows.items():
        row = Image.fromarray(np.concatenate([made[i] for i in FRAMES], axis=1))
        row.thumbnail((1280, 1280))
        row.save(folder / f"{name}.jpg", quality=85)


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "docs/gallery"))
