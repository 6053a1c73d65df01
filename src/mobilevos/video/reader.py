"""One way in for every kind of frame source."""

import glob
import re
from collections.abc import Iterable
from pathlib import Path

from PIL import Image

from mobilevos.errors import InputError
from mobilevos.video.address import bare, existing_path, is_elsewhere
from mobilevos.video.fetched import fetched, is_fetchable
from mobilevos.video.image_frames import ImageFrames
from mobilevos.video.paged_image import PagedImage
from mobilevos.video.piped import is_piped, spooled
from mobilevos.video.source import FrameSource
from mobilevos.video.stills import IMAGE_ERRORS, IMAGE_SUFFIXES, in_order, is_image
from mobilevos.video.video_frames import VideoFrames

_COUNTER = re.compile(r"%0?(\d*)d|#+")
_PAGED = (".webp", ".tif", ".tiff")


def open_frames(source: str | Path, strict: bool = False) -> FrameSource:
    """Open a video file, an animated image, a TIFF stack, a folder or a pattern of images; also by an address.

    Images come in order of the numbers in their names (``2.png`` before ``10.png``); other files and hidden files are
    left out. Patterns are those of shells, or ``shot.%04d.png`` and ``shot.####.png``. In a pattern, what exists under
    that very name is meant by it, brackets and all.

    >>> from mobilevos import sample
    >>> frames = list(open_frames(sample.clip_path()))
    >>> len(frames), frames[0].shape
    (56, (270, 480, 3))

    Args:
        source: what to open; "-" for a video from standard input.
        strict: where frames of a video are damaged and lost, end with `TruncatedVideo`. Otherwise the frame before
            stands for them, ``damaged`` of the source gets their numbers, and the next key frame follows.

    Raises:
        InputError: nothing there, an address of something elsewhere, not a video, no frame, or frames that do not fit
            together.
    """
    path = located(source)
    if is_piped(path):
        return VideoFrames(spooled(path), strict)
    called = bare(str(source)) if is_elsewhere(str(source)) else None
    if path.is_dir():
        return ImageFrames(images_of(path), path.resolve().name)
    if path.is_file():
        kind = path.suffix.lower()
        if is_single_image(path):
            raise InputError(f"{path} is a single image; give a video file or a folder of frames.")
        if kind in _PAGED:
            return PagedImage(path)
        return VideoFrames(path, strict, called)
    if glob.has_magic(str(path)):
        paths = images_of(path)
        return ImageFrames(paths, paths[0].resolve().parent.name if paths else str(source))
    if path.exists():
        raise InputError(f"{path} is not a regular file; give a video file or a folder of frames.")
    raise InputError(f"{path} does not exist; give a video file, a folder of frames or a pattern like 'in/*.jpg'.")


def is_single_image(path: Path) -> bool:
    """Whether a path is that of an image file of one frame."""
    kind = path.suffix.lower()
    animated = kind in (".png", *_PAGED) and _is_animated(path)
    return path.is_file() and kind in IMAGE_SUFFIXES and not animated


def _is_animated(path: Path) -> bool:
    try:
        with Image.open(path) as image:
            return getattr(image, "n_frames", 1) > 1
    except IMAGE_ERRORS:
        return False


def images_of(source: str | Path) -> list[Path]:
    """The images in a folder or of a pattern, in order; none of what is neither."""
    path = located(source)
    return in_order(p for p in (path.iterdir() if path.is_dir() else _matches(path)) if is_image(p))


def located(source: str | Path) -> Path:
    """The path of a source, see `existing_path`, or its pattern; ``~`` is the user's folder unless that name exists."""
    if is_elsewhere(str(source)) and is_fetchable(str(source)):
        return fetched(str(source))
    path = _counted(existing_path(source))
    if path.parts[:1] and path.parts[0].startswith("~") and not Path(path.parts[0]).exists():
        try:
            return path.expanduser()
        except RuntimeError:  # no such user
            return path
    return path


def _counted(path: Path) -> Path:
    """Numbers of frames as editors write them, ``%04d`` or ``####``, as a pattern; what exists is a name."""
    if not _COUNTER.search(path.name) or path.exists():
        return path

    def digits(found: re.Match[str]) -> str:
        width = int(found[1] or 0) if found[0].startswith("%") else len(found[0])
        return "[0-9]" * width or "[0-9]*"

    return path.with_name(_COUNTER.sub(digits, path.name))


def _matches(pattern: Path) -> Iterable[Path]:
    found = [Path(pattern.anchor)]
    for part in pattern.parts[bool(pattern.anchor) :]:
        found = [
            match
            for folder in found
            for match in ([folder / part] if (folder / part).exists() else map(Path, _glob(folder, part)))
        ]
    return found


def _glob(folder: Path, part: str) -> list[str]:
    """What matches in a folder; where nothing does, brackets are meant as they are."""
    within = Path(glob.escape(str(folder)))
    return glob.glob(str(within / part)) or glob.glob(str(within / part.replace("[", "[[]")))
