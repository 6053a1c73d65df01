"""Label maps to write and read: a scene with a hole and an object that is lost and returns, and random ones."""

from collections.abc import Mapping, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from mobilevos.formats.format import Marks
from mobilevos.formats.given import open_marks
from mobilevos.formats.registry import FORMATS, writer
from mobilevos.video.sink import Clip, ObjectName, Result, Seen, ids_of

FPS = Fraction(24)
NAMES = {1: ObjectName("nemo", "fish"), 3: ObjectName("jane", "diver")}

quick = settings(deadline=None, max_examples=25)
label_maps = st.tuples(st.integers(1, 9), st.integers(1, 9), st.integers(1, 4)).flatmap(
    lambda sides: st.lists(
        arrays(np.uint8, sides[:2], elements=st.sampled_from([0, 0, 1, 2, 254])), min_size=sides[2], max_size=sides[2]
    )
)
"""Lists of 1..4 label maps of one size, with ids that come and go."""


def scene(size: tuple[int, int] = (40, 60)) -> list[np.ndarray]:
    """Object 1 moves and has a hole; object 3 is lost in frames 2 and 3 and returns in two parts; frame 5 is empty."""
    maps = []
    for index in range(6):
        labels = np.zeros(size, np.uint8)
        if index < 5:
            labels[4:24, 3 + index : 28 + index] = 1
            labels[10:15, 10 + index : 18 + index] = 0
        if index not in (2, 3, 5):
            labels[20:36, 40:55] = 3
        if index == 4:
            labels[26:28, 40:55] = 0
        maps.append(labels)
    return maps


def picture(index: int, size: tuple[int, int] = (40, 60)) -> np.ndarray:
    y, x = np.mgrid[: size[0], : size[1]]
    return np.dstack([x * 4, y * 6, np.full_like(x, 30 * index)]).astype(np.uint8)


def results(
    maps: Sequence[np.ndarray], first: int = 0, pictures: bool = False, soft: Mapping[int, Any] | None = None
) -> list[Result]:
    """As `segment` hands them on; an object without a pixel is occluded."""
    followed = sorted({i for labels in maps for i in ids_of(labels)})
    return [
        Result(
            index,
            f"{index:05d}",
            picture(index, labels.shape) if pictures else None,
            labels,
            float(index / FPS),
            {
                i: Seen(area, "visible", 0.9) if (area := int((labels == i).sum())) else Seen(0, "occluded", 0.0)
                for i in followed
            },
        )
        for index, labels in enumerate(maps, first)
    ]


def write(
    name: str,
    folder: Path,
    maps: Sequence[np.ndarray],
    *,
    first: int = 0,
    pictures: bool = False,
    names: Mapping[int, ObjectName] = NAMES,
    **about: Any,
) -> tuple[Path, str | None]:
    """Write label maps in a format; its path, and the writer's warning."""
    ids = tuple(sorted({i for labels in maps for i in ids_of(labels)}))
    clip = Clip("clip", maps[0].shape, FPS, objects=ids, names=names, **about)
    sink = writer(name, folder / FORMATS[name].file, clip)
    for result in results(maps, first, pictures):
        sink.write(result)
    sink.close()
    return sink.path, sink.warning


def maps_of(marks: Marks) -> dict[int, np.ndarray]:
    return {index: mask.read() for index, mask in marks.masks.items()}


def assert_same(path: Path, maps: Sequence[np.ndarray], first: int = 0, empty: bool = True) -> Marks:
    """The file holds the label maps; ``empty``: also the frames without an object."""
    marks = open_marks(path, None)
    found = maps_of(marks)
    expected = {index: labels for index, labels in enumerate(maps, first) if empty or labels.any()}
    assert set(found) == set(expected)
    for index, labels in expected.items():
        np.testing.assert_array_equal(found[index], labels)
    return marks


def iou(one: np.ndarray, other: np.ndarray) -> float:
    return float((one & other).sum() / max(1, (one | other).sum()))
