"""Sequences of a data set in one of the DAVIS layouts."""

from dataclasses import dataclass
from pathlib import Path

from ..data.name_list import names_in
from ..errors import InputError
from ..video.stills import IMAGE_SUFFIXES, MASK_SUFFIXES
from .images import list_images, subfolders

RESOLUTION = "480p"


@dataclass(frozen=True)
class Sequence:
    """A clip and its annotations.

    Attributes:
        name: folder name of the clip.
        frames: image files, in order.
        annotations: mask file of each frame, or None where a frame is not annotated.
    """

    name: str
    frames: tuple[Path, ...]
    annotations: tuple[Path | None, ...]

    @property
    def annotated(self) -> list[int]:
        """Indices of the annotated frames."""
        return [index for index, path in enumerate(self.annotations) if path]


def find_sequences(root: str | Path, split: str | None = None) -> list[Sequence]:
    """Find the sequences under ``root``.

    Layout: ``JPEGImages/480p/<clip>/<frame>`` and ``Annotations/480p/<clip>/<frame>.png``. Another single
    resolution folder, or none, will do. Of the lists in ``ImageSets`` both kinds are read: names (DAVIS-2017)
    and pairs of paths (DAVIS-2016).

    Args:
        root: folder of the data set.
        split: list to use, such as ``"train"``. Default: ``"val"`` where there are lists, else every
            annotated clip.

    Returns:
        Sequences in order of the list, or of their names. Each has at least three annotated frames.

    Raises:
        InputError: a folder, list, clip or frame is missing, or nothing is left to score.
    """
    root = Path(root)
    if not root.is_dir():
        raise InputError(f"{root} is not a folder.")
    images = _clips_folder(root / "JPEGImages", IMAGE_SUFFIXES)
    masks = _clips_folder(root / "Annotations", MASK_SUFFIXES)
    listed = _listed_clips(root / "ImageSets", split)
    names = listed if listed is not None else [folder.name for folder in subfolders(masks)]
    if not names:
        raise InputError(f"No sequence was found in {masks}; one folder of masks per clip is expected.")
    return [_sequence(name, images / name, masks / name) for name in names]


def _clips_folder(folder: Path, suffixes: frozenset[str]) -> Path:
    """The folder that holds the clips: ``folder`` itself or its resolution folder."""
    if not folder.is_dir():
        raise InputError(f"{folder.parent} has no folder {folder.name}; the DAVIS layout is expected.")
    inner = subfolders(folder)
    if any(list_images(path, suffixes) for path in inner):
        return folder
    preferred = [path for path in inner if path.name == RESOLUTION] or inner
    if len(preferred) != 1:
        found = ", ".join(path.name for path in preferred) or "nothing"
        raise InputError(f"{folder} must hold clips or one resolution folder such as {RESOLUTION}, not {found}.")
    return preferred[0]


def _listed_clips(folder: Path, split: str | None) -> list[str] | None:
    """Names in a list of ``ImageSets``; None if there are no lists and none was asked for."""
    lists = sorted(folder.glob("*.txt")) + sorted(folder.glob("*/*.txt"))
    if not lists and split is None:
        return None
    wanted = split or "val"
    # A set with lists of both years has the annotations of the newer one.
    chosen = sorted((path for path in lists if path.stem == wanted), key=lambda path: path.parent.name == "2017")
    if not chosen:
        found = ", ".join(sorted({path.stem for path in lists})) or "none"
        raise InputError(f"{folder} has no list {wanted}.txt (lists found: {found}).")
    return names_in(chosen[-1])


def _sequence(name: str, images: Path, masks: Path) -> Sequence:
    for folder in (images, masks):
        if not folder.is_dir():
            raise InputError(f"Sequence {name} has no folder {folder}.")
    frames = list_images(images, IMAGE_SUFFIXES)
    by_stem = {path.stem: path for path in list_images(masks, MASK_SUFFIXES)}
    without_frame = by_stem.keys() - {path.stem for path in frames}
    if without_frame:
        raise InputError(f"{by_stem[min(without_frame)]} has no image of that name in {images}.")
    if len(by_stem) < 3:
        raise InputError(
            f"Sequence {name} has {len(by_stem)} annotated frames; at least 3 are needed, "
            "as the first and the last are not scored."
        )
    return Sequence(name, tuple(frames), tuple(by_stem.get(path.stem) for path in frames))
