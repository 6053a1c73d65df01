"""Masks as a napari layer that reads a frame when it is shown, and corrections painted in it."""

from pathlib import Path
from typing import Any

import numpy as np

from mobilevos.errors import InputError
from mobilevos.formats.given import open_marks
from mobilevos.video.files import make_folder
from mobilevos.video.masks import save_palette_png


class Planes:
    """Label maps as a (T, H, W) array of which napari reads only the frames that it shows; painted ones are kept.

    Args:
        masks: output folder of `mobilevos segment`, or anything else that can be read.

    Raises:
        InputError: the masks cannot be read.
    """

    dtype = np.dtype(np.uint8)
    ndim = 3

    def __init__(self, masks: str | Path) -> None:
        self._marks = open_marks(Path(masks), None)
        self.shape = (max(self._marks.masks) + 1, *self._marks.size)
        self._painted: dict[int, np.ndarray] = {}
        ids = {i for mask in self._marks.masks.values() for i in mask.objects}
        self.names = {i: self._marks.names[i].name if i in self._marks.names else f"object {i}" for i in sorted(ids)}

    def __len__(self) -> int:
        return self.shape[0]

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        return np.asarray(self[:], dtype)

    def __getitem__(self, place: Any) -> np.ndarray:
        first, *rest = place if isinstance(place, tuple) else (place,)
        if isinstance(first, slice):
            shown = [self._plane(index) for index in range(*first.indices(len(self)))]
            planes = np.stack(shown) if shown else np.zeros((0, *self.shape[1:]), np.uint8)
            return planes[(slice(None), *rest)]
        if isinstance(first, np.ndarray) and first.ndim:
            found = np.zeros(first.shape, np.uint8)
            for index in np.unique(first):
                chosen = first == index
                found[chosen] = self._plane(int(index))[tuple(one[chosen] for one in rest)]
            return found
        return self._plane(int(first))[tuple(rest)]

    def __setitem__(self, place: Any, value: Any) -> None:
        """Paint: a plane, or points as napari's brush gives them."""
        first, *rest = place if isinstance(place, tuple) else (place,)
        for index in np.unique(first):
            plane = self._painted.setdefault(int(index), self._plane(int(index)).copy())
            if isinstance(first, np.ndarray):
                chosen = first == index
                plane[tuple(one[chosen] for one in rest)] = value if np.ndim(value) == 0 else np.asarray(value)[chosen]
            else:
                plane[tuple(rest) or ...] = value

    def save_corrections(self, folder: str | Path) -> list[int]:
        """Write the painted frames as masks that ``mobilevos segment --mask FOLDER`` takes; their indices.

        Raises:
            InputError: nothing was painted.
            OutputError: the folder cannot be written.
        """
        if not self._painted:
            raise InputError("nothing was painted; correct a frame first.")
        target = make_folder(Path(folder))
        for index, plane in self._painted.items():
            stem = Path(self._marks.files.get(index, f"{index:05d}")).stem
            save_palette_png(target / f"{stem}.png", plane)
        return sorted(self._painted)

    def _plane(self, index: int) -> np.ndarray:
        if index in self._painted:
            return self._painted[index]
        mask = self._marks.masks.get(index % len(self))
        return np.zeros(self.shape[1:], np.uint8) if mask is None else mask.read()


def labels_layer(masks: str | Path) -> tuple[Planes, dict[str, Any], str]:
    """The masks as napari's reader plug-ins give a layer: data, what its constructor takes, and ``"labels"``.

    Raises:
        InputError: the masks cannot be read.
    """
    planes = Planes(masks)
    features = {"index": [0, *planes.names], "name": ["background", *planes.names.values()]}
    return planes, {"name": "objects", "features": features, "metadata": {"mobilevos": {"masks": str(masks)}}}, "labels"


def get_reader(path: str | list[str]) -> Any:
    """napari's hook: what reads a folder of ours, or None if it is none."""
    if not isinstance(path, str) or not (Path(path) / "masks").is_dir():
        return None
    return lambda chosen: [labels_layer(chosen)]
