"""Scores of stored masks: any system's results against the truth."""

from pathlib import Path

from ..errors import InputError
from .images import MASK_SUFFIXES, list_images, read_labels, subfolders
from .scores import ClipScores, Report, Score


def evaluate_folders(predictions: str | Path, truth: str | Path) -> Report:
    """Score a folder of predicted masks against a folder of true masks.

    Both hold PNG label maps, either directly (one clip) or in one subfolder per clip, under the same names.
    What is in ``truth`` counts: its first and last mask of each clip are not scored (official semi-supervised
    protocol) and need no prediction, every other one does; further predictions are ignored.

    Raises:
        InputError: a folder or prediction is missing, a file is unreadable, sizes differ, or a clip has fewer
            than three true masks.
    """
    predictions, truth = Path(predictions), Path(truth)
    for folder in (predictions, truth):
        if not folder.is_dir():
            raise InputError(f"{folder} is not a folder.")
    clips = [folder for folder in (truth, *subfolders(truth)) if list_images(folder, MASK_SUFFIXES)]
    if not clips:
        raise InputError(f"{truth} holds no PNG masks, neither directly nor in one subfolder per clip.")
    masks = {clip: list_images(clip, MASK_SUFFIXES) for clip in clips}
    predicted = {mask: predictions / mask.relative_to(truth) for files in masks.values() for mask in files[1:-1]}
    missing = [path for path in predicted.values() if not path.is_file()]
    if missing:
        raise InputError(f"{missing[0]} is missing ({len(missing)} of {len(predicted)} predicted masks are).")
    objects: dict[str, list[Score]] = {}
    for clip, files in masks.items():
        scores = ClipScores(read_labels(files[0]), f"Clip {clip.name}")
        for mask in files[1:-1]:
            scores.add(scores.masks(read_labels(predicted[mask]), read_labels(mask)))
        objects[clip.absolute().name] = scores.conclude()
    return Report.from_objects(objects)
