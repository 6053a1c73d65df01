"""PNG files of a run, one a frame. Each says whose it is, so that the next run into the folder can remove it."""

from collections.abc import Iterator
from pathlib import Path

from PIL import Image, PngImagePlugin

from mobilevos.video.files import atomic, discard, make_folder
from mobilevos.video.masks import PNG_COMPRESSION
from mobilevos.video.stills import IMAGE_ERRORS

_KEY = "Software"


def save_result(path: Path, image: Image.Image) -> None:
    """Write a frame's PNG, complete or not at all, and its folder if missing.

    Raises:
        OutputError: the file cannot be written.
    """
    about = PngImagePlugin.PngInfo()
    about.add_text(_KEY, _mark(path))
    with atomic(make_folder(path.parent) / path.name) as part:
        image.save(part, format="PNG", pnginfo=about, **PNG_COMPRESSION)


def is_result(path: Path) -> bool:
    """Whether `save_result` wrote this file under this very name; only its header is read."""
    if path.suffix.lower() != ".png" or path.is_symlink():
        return False
    try:
        with Image.open(path) as image:
            return bool(image.info.get(_KEY) == _mark(path))
    except IMAGE_ERRORS:
        return False


def remove_results(folder: Path) -> None:
    """Remove what earlier runs wrote to a folder, and nothing else; what cannot be removed is left."""
    for path in _files(folder):
        if is_result(path):
            discard(path)


def _files(folder: Path) -> Iterator[Path]:
    if folder.is_dir():
        yield from folder.iterdir()


def _mark(path: Path) -> str:
    return f"MobileVOS {path.name.encode('ascii', 'xmlcharrefreplace').decode()}"
