"""The page looks as it did when somebody last looked at it: each state, on four screens, in both themes."""

import numpy as np
import pytest
from page_pictures import FOLDER, SCREENS, THEMES, pictures
from PIL import Image, ImageFilter

SMOOTH = 2
"""Radius, pixels: what letters look like is the business of each machine's fonts."""
APART = 16
"""Of 255: pixels whose colours differ by less look the same."""
MOST_APART = 0.02
MOST_BYTES = 1_500_000


def apart(one: Image.Image, other: Image.Image) -> float:
    """Share of the pixels that look different."""
    if one.size != other.size:
        return 1.0
    first, second = (
        np.asarray(each.convert("RGB").filter(ImageFilter.BoxBlur(SMOOTH)), np.int16) for each in (one, other)
    )
    return float((np.abs(first - second).max(axis=2) > APART).mean())


def test_there_is_a_small_picture_of_everything():
    names = [path.stem for path in FOLDER.glob("*.jpg")]
    states = {name.split("-")[0] for name in names}
    assert len(states) >= 6
    wanted = {f"{state}-{width}x{height}-{theme}" for state in states for width, height in SCREENS for theme in THEMES}
    assert set(names) == wanted
    assert sum(path.stat().st_size for path in FOLDER.glob("*.jpg")) < MOST_BYTES


def test_a_missing_panel_is_noticed():
    picture = Image.open(FOLDER / "marked-1440x900-dark.jpg").convert("RGB")
    width, height = picture.size
    assert apart(picture, picture) == 0
    without_side = picture.copy()
    without_side.paste((9, 11, 14), (width - 146, 28, width, height // 2))
    assert apart(picture, without_side) > MOST_APART
    assert apart(picture, picture.convert("L").point(lambda value: 255 - value)) > 0.5


@pytest.mark.slow
def test_the_page_looks_as_it_did(browser, address, tmp_path):
    different = []
    for name, picture in pictures(browser, address):
        share = apart(picture, Image.open(FOLDER / f"{name}.jpg"))
        if share > MOST_APART:
            picture.save(tmp_path / f"{name}.png")
            different.append(f"{name}: {share:.1%}, see {tmp_path / name}.png")
    assert different == []
