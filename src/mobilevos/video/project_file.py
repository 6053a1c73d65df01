"""Projects of the page (docs/project.md): the masks that their user gave."""

import zipfile
from pathlib import Path
from typing import Any

import numpy as np

from mobilevos.errors import InputError
from mobilevos.json_text import parse_json
from mobilevos.video.distrust import DAMAGE, check_pixels, unpacked

SUFFIX = ".mobilevos"
_FORMAT = "mobilevos project"
_NAME = "project.json"
_VERSION = 1


class ProjectFile:
    """The given masks of a project, by frame.

    Args:
        path: a ``.mobilevos`` file.

    Attributes:
        frames: indices of the frames with a given mask, in order.

    Raises:
        InputError: no project, one of a newer version, or masks that do not cover their frames.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        project = self._read()
        if project["version"] > _VERSION:
            raise InputError(f"{path.name} was saved by a newer version of the page; update mobilevos to read it.")
        try:
            self._size: tuple[int, int] = (int(project["video"]["height"]), int(project["video"]["width"]))
            check_pixels(*self._size, f"a frame of {path.name}")
            given = {int(each["frame"]): each["runs"] for each in project["masks"] if each["given"]}
            self._runs = {index: _checked(given[index], self._size) for index in sorted(given)}
        except InputError:
            raise
        except DAMAGE as error:
            raise self._damaged() from error
        self.frames = list(self._runs)

    def __getitem__(self, index: int) -> np.ndarray:
        """(H, W) uint8 label map of a frame with a given mask."""
        lengths, ids = self._runs[index].T
        return np.repeat(ids.astype(np.uint8), lengths).reshape(self._size)

    def objects(self, index: int) -> list[int]:
        """Ids in a mask, in ascending order."""
        return sorted(set(self._runs[index][:, 1].tolist()) - {0})

    def size(self, index: int) -> tuple[int, int]:
        """(H, W) of a mask."""
        return self._size

    def _read(self) -> dict[str, Any]:
        try:
            with zipfile.ZipFile(self._path) as archive:
                project = parse_json(unpacked(self._path, archive, _NAME))
        except FileNotFoundError as error:
            raise InputError(f"{self._path} does not exist; give a project that was saved in the page.") from error
        except InputError:
            raise
        except DAMAGE as error:
            raise self._damaged() from error
        is_ours = isinstance(project, dict) and project.get("format") == _FORMAT
        if not is_ours or not isinstance(project.get("version"), int):
            raise self._damaged()
        return project

    def _damaged(self) -> InputError:
        return InputError(f"{self._path.name} is damaged or no project of the page; save the project there again.")


def is_project(path: Path) -> bool:
    """Whether a path is that of a project, by its name."""
    return path.suffix.lower() == SUFFIX


def _checked(runs: list[int], size: tuple[int, int]) -> np.ndarray:
    """(N, 2) lengths and ids.

    Raises:
        ValueError: they are not the runs of a frame of this size.
    """
    pairs = np.asarray(runs, np.int64).reshape(-1, 2)
    area = size[0] * size[1]
    # Each is held to the size before they are added, as sums of huge ones begin anew at 2**64.
    if (pairs < 0).any() or (pairs > (area, 255)).any() or int(pairs[:, 0].sum()) != area:
        raise ValueError("the runs do not cover the frame")
    return pairs
