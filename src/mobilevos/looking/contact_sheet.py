"""Contact sheets: training clips as a person sees them."""

from pathlib import Path

import numpy as np
from PIL import Image as PillowImage

from mobilevos.data.mix import ClipMix
from mobilevos.data.types import IGNORE, Clip, Image
from mobilevos.video.files import atomic, output_error

_COLOURS = np.array([(230, 40, 60), (50, 200, 80), (60, 120, 255), (250, 200, 40)], np.float32)
_UNKNOWN = np.array((128, 128, 128), np.float32)
_GAP = 4


def contact_sheet(mix: ClipMix, path: Path, rows: int = 8, start: int = 0, columns: int = 2) -> None:
    """Save an image of clips with their labels laid over in colour (grey: unknown).

    Args:
        mix: where clips come from.
        path: image file to write.
        rows: rows of the sheet.
        start: number of the first clip.
        columns: clips side by side.

    Raises:
        OutputError: the file cannot be written.
    """
    strips = [_strip(mix.draw(start + i)) for i in range(rows * columns)]
    lines = [np.concatenate(strips[i : i + columns], axis=1) for i in range(0, len(strips), columns)]
    try:
        with atomic(path) as part:
            PillowImage.fromarray(np.concatenate(lines)).save(part)
    except ValueError as error:  # no kind of image that Pillow knows
        raise output_error(path, error) from error


def _strip(clip: Clip) -> Image:
    """(S + gap, T * (S + gap) + gap, 3) uint8: the frames of a clip side by side."""
    tiles = [
        np.pad(_overlay(*pair), ((0, _GAP), (0, _GAP), (0, 0))) for pair in zip(clip.frames, clip.labels, strict=True)
    ]
    return np.pad(np.concatenate(tiles, axis=1), ((0, 0), (0, _GAP), (0, 0)))


def _overlay(frame: Image, labels: Image) -> Image:
    """The frame, (S, S, 3) uint8, with its objects tinted and outlined."""
    shown = frame.astype(np.float32)
    for label in np.unique(labels[labels > 0]):
        inside = labels == label
        colour = _UNKNOWN if label == IGNORE else _COLOURS[(label - 1) % len(_COLOURS)]
        shown[inside] = 0.7 * shown[inside] + 0.3 * colour
        core = inside.copy()
        core[1:] &= inside[:-1]
        core[:-1] &= inside[1:]
        core[:, 1:] &= inside[:, :-1]
        core[:, :-1] &= inside[:, 1:]
        shown[inside & ~core] = colour
    return shown.astype(np.uint8)
