"""Masks are kept packed: what comes out is what went in, and an edge of an object takes about a byte in each row."""

import numpy as np
import pytest
from numpy.typing import NDArray

PACK = """async ({runs}) => {
    const {pack, packRuns, runsOf, idsOf, unpack, without} = await import(new URL("project/labels.js", location).href);
    const pixels = runs.reduce((sum, value, at) => sum + (at % 2 ? 0 : value), 0);
    const mask = packRuns(runs), labels = unpack(mask, pixels);
    const ids = idsOf(mask);
    const left = ids.length ? without(mask, ids[0]) : mask;
    return {
        runs: runsOf(pack(labels)), same: pack(labels).join() === mask.join(), bytes: mask.length, ids,
        left: unpack(left, pixels).every((id, at) => id === (labels[at] === ids[0] ? 0 : labels[at])),
    };
}"""


def runs_of(labels: NDArray[np.uint8]) -> list[int]:
    """Length, id, length, id ... of a label map, row by row."""
    flat = labels.ravel()
    starts = np.flatnonzero(np.diff(flat, prepend=np.int16(-1)))
    return np.stack([np.diff(np.append(starts, flat.size)), flat[starts]], axis=1).ravel().tolist()


def disc(height: int, width: int, radius: int) -> NDArray[np.uint8]:
    y, x = np.ogrid[:height, :width]
    return ((x - width // 2) ** 2 + (y - height // 2) ** 2 < radius**2).astype(np.uint8)


def scattered(height: int, width: int) -> NDArray[np.uint8]:
    """Every kind of run: single pixels, whole rows, and ids up to 255."""
    random = np.random.default_rng(5)
    lengths = np.concatenate([random.geometric(p, 400) for p in (0.9, 0.1, 0.002)])
    random.shuffle(lengths)
    return np.repeat(random.integers(0, 256, lengths.size), lengths)[: height * width].astype(np.uint8)


@pytest.mark.parametrize(
    "labels",
    [
        scattered(300, 400),
        disc(270, 480, 80) * np.uint8(255),
        np.zeros((4320, 7680), np.uint8),
        np.ones((1, 1), np.uint8),
    ],
    ids=["scattered", "disc", "empty", "pixel"],
)
def test_a_packed_mask_is_the_mask(tab, labels):
    runs = runs_of(labels)
    answer = tab.page.evaluate(PACK, {"runs": runs})
    assert answer["runs"] == runs
    assert answer["same"]
    assert answer["left"]
    assert answer["ids"] == [id for id in np.unique(labels).tolist() if id]


def test_an_edge_takes_about_a_byte(tab):
    labels = disc(1080, 1920, 200)
    assert tab.page.evaluate(PACK, {"runs": runs_of(labels)})["bytes"] < 1.2 * len(runs_of(labels)) / 2
