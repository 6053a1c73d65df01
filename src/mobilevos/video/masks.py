"""Masks of objects as image files."""

import zlib
from pathlib import Path

import numpy as np
from PIL import Image

from mobilevos.errors import InputError
from mobilevos.video.colours import labels_from_colours, solid_share
from mobilevos.video.files import atomic
from mobilevos.video.image_frames import IMAGE_ERRORS
from mobilevos.video.palette import DAVIS_IDS, PALETTE
from mobilevos.video.source import width_x_height

PNG_COMPRESSION = {"compress_level": 1, "compress_type": zlib.Z_RLE}
"""For Pillow: flat areas, of which masks and cut-outs consist, are smallest as runs, and quickest."""

_MAX_GREY_ID = 64
_FEW_IDS = 4


def load_mask(path: str | Path, *, snap: bool = False) -> np.ndarray:
    """Read a mask image as object ids.

    - Palette image: the indices are the ids.
    - Grey image: values up to 64 are the ids; otherwise black is background and each shade is an object,
      numbered by first appearance, so 0/255 is object 1.
    - 1-bit image: object 1.
    - Colour image: see `mobilevos.video.colours.labels_from_colours`. Transparent is background.

    Args:
        path: image file.
        snap: give the blended pixels of anti-aliased or JPEG-compressed edges to the colours around them.

    Returns:
        (H, W) uint8 label map, 0 = background.

    Raises:
        InputError: no readable image, or colours that are not clearly objects.
    """
    path = Path(path)
    try:
        image: Image.Image = Image.open(path)
        image.load()
    except FileNotFoundError as error:
        raise InputError(f"{path} does not exist; give an image of the objects in the first frame.") from error
    except IMAGE_ERRORS as error:
        raise InputError(f"{path} is not a readable image; give a PNG mask.") from error
    if image.mode == "P":
        ids = np.array(image)
        if _ids_are_meant(ids, image):
            return ids
    elif image.mode in ("1", "L"):
        ids = np.array(image.convert("L"))
        if ids.max() <= _MAX_GREY_ID:
            return ids
    elif image.mode.startswith(("I", "F")):
        values = np.array(image)
        if values.min() < 0 or values.max() > 255:
            raise InputError(f"{path.name} has values up to {values.max():g}; save the mask with 8 bits a channel.")
        image = Image.fromarray(values.astype(np.uint8))
        if values.max() <= _MAX_GREY_ID:
            return values.astype(np.uint8)
    return labels_from_colours(np.array(image.convert("RGBA")), path.name, snap=snap)


def check_mask(mask: np.ndarray, size: tuple[int, int], name: str) -> None:
    """Refuse a label map that cannot start a track.

    Args:
        mask: (H, W) integer label map.
        size: (H, W) of the frames.
        name: of the mask, for messages.

    Raises:
        InputError: another size than the frames, or no object.
    """
    if mask.shape != size:
        raise InputError(
            f"{name} is {width_x_height(mask.shape)} but the frames are {width_x_height(size)}; "
            "make the mask the size of the frames."
        )
    if not mask.any():
        raise InputError(f"{name} is empty; mark at least one object with a value other than 0.")


def bounding_box(mask: np.ndarray) -> tuple[slice, slice]:
    """Rows and columns of the smallest box around the non-zero pixels of an (H, W) array; empty if there is none."""
    rows, columns = (np.flatnonzero(mask.any(axis=axis)) for axis in (1, 0))
    if not len(rows):
        return slice(0, 0), slice(0, 0)
    return slice(int(rows[0]), int(rows[-1]) + 1), slice(int(columns[0]), int(columns[-1]) + 1)


def save_palette_png(path: str | Path, labels: np.ndarray) -> None:
    """Write an (H, W) uint8 label map as a PNG with the DAVIS palette, complete or not at all.

    Raises:
        OutputError: the file cannot be written.
    """
    image = Image.fromarray(np.ascontiguousarray(labels, np.uint8)).convert("L")
    image.putpalette(PALETTE.tobytes())
    with atomic(Path(path)) as part:
        image.save(part, format="PNG", **PNG_COMPRESSION)


def _ids_are_meant(ids: np.ndarray, image: Image.Image) -> bool:
    """False for an anti-aliased drawing that was reduced to a palette of its own."""
    used = np.unique(ids)
    if len(used) <= _FEW_IDS or solid_share(ids) > 0.5:
        return True
    palette = np.array(image.getpalette("RGB") or [], np.uint8).reshape(-1, 3)
    return bool(used.max() < min(len(palette), DAVIS_IDS) and (palette[used] == PALETTE[used]).all())
