"""Image files of evaluation data sets."""

from collections.abc import Iterable
from pathlib import Path

from ..video.stills import in_order, is_image


def list_images(folder: Path, suffixes: Iterable[str]) -> list[Path]:
    """Image files of a folder in frame order: numbers in names count as numbers, 2 before 10."""
    return in_order(path for path in folder.iterdir() if is_image(path, suffixes))


def subfolders(folder: Path) -> list[Path]:
    """Folders in a folder, by name, without hidden ones."""
    return sorted(path for path in folder.iterdir() if path.is_dir() and path.name[0] != ".")
