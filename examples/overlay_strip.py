"""Follow the objects of a first-frame mask and draw a few frames side by side (the README's picture).

    python examples/overlay_strip.py clip.mp4 first.png strip.jpg

Without arguments it takes the sample inside the package. It is also the shortest use of the streaming interface.
"""

import sys

import numpy as np
from PIL import Image

import mobilevos
from mobilevos import sample

COLUMNS, ROWS = 4, 2


def main(video: str, mask: str, out: str) -> None:
    """Write ``out``, a grid of frames from the first to the last."""
    source = mobilevos.open_frames(video)
    tracker = mobilevos.Tracker()
    pictures = []
    for index, frame in enumerate(source):
        labels = tracker.step(frame) if index else tracker.start(frame, mobilevos.load_mask(mask))
        pictures.append(mobilevos.overlay(frame, labels))
    chosen = np.linspace(0, len(pictures) - 1, COLUMNS * ROWS).round().astype(int)
    rows = np.split(np.stack([pictures[i] for i in chosen]), ROWS)
    grid = Image.fromarray(np.concatenate([np.concatenate(list(row), 1) for row in rows]))
    grid.thumbnail((1600, 1600))
    grid.save(out, quality=88)


if __name__ == "__main__":
    main(*(sys.argv[1:] or (str(sample.clip_path()), str(sample.mask_path()), "docs/overview.jpg")))
