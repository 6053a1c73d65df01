"""One way in for every kind of frame source."""

import glob
import re
from collections.abc import Iterable
from pathlib import Path

from PIL import Image

from mobilevos.errors import InputError
from mobilevos.video.address import existing_path
from mobilevos.video.animated_webp import AnimatedWebP
from mobilevos.video.image_frames import IMAGE_ERRORS, IMAGE_SUFFIXES, ImageFrames
from mobilevos.video.source import FrameSource
from mobilevos.video.video_frames import VideoFrames


def open_frames(source: str | Path, strict: bool = False) -> FrameSource:
    """Open a video file, an animated image, a folder or a glob pattern of images; also by a ``file://`` address.

    Images come in natural order (``2.png`` before ``10.png``); other files and hidden files are left out.

    Args:
        source: what to open.
        strict: where frames of a video are damaged and lost, end with `TruncatedVideo`. Otherwise the frame before
            stands for them, ``damaged`` of the source gets their numbers, and the next key frame follows.

    Raises:
        InputError: nothing there, an address of something elsewhere, not a video, no frame, or frames that do not fit
            together.
    """
    path = existing_path(source)
    if path.is_dir():
        return ImageFrames(_images(path.iterdir()), path.resolve().name)
    if path.is_file():
        kind = path.suffix.lower()
        if kind in (".png", ".webp") and _is_animated(path):
            return AnimatedWebP(path) if kind == ".webp" else VideoFrames(path, strict)
        if kind in IMAGE_SUFFIXES:
            raise InputError(f"{path} is a single image; give a video file or a folder of frames.")
        return VideoFrames(path, strict)
    if glob.has_magic(str(path)):
        paths = _images(Path(match) for match in glob.glob(str(path)))
        return ImageFrames(paths, paths[0].resolve().parent.name if paths else str(source))
    if path.exists():
        raise InputError(f"{path} is not a regular file; give a video file or a folder of frames.")
    raise InputError(f"{path} does not exist; give a video file, a folder of frames or a pattern like 'in/*.jpg'.")


def _is_animated(path: Path) -> bool:
    try:
        with Image.open(path) as image:
            return getattr(image, "n_frames", 1) > 1
    except IMAGE_ERRORS:
        return False


def _images(paths: Iterable[Path]) -> list[Path]:
    images = [p for p in paths if p.suffix.lower() in IMAGE_SUFFIXES and not p.name.startswith(".")]
    return sorted(images, key=_natural)


def _natural(path: Path) -> tuple[list[str | int], str]:
    parts = re.split(r"(\d+)", str(path).lower())
    return [int(part) if index % 2 else part for index, part in enumerate(parts)], str(path)
