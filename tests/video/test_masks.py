"""Masks as people draw them: palette, grey, 1-bit, colour, transparent; soft edges; unusable ones."""

import io
import os
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw

from mobilevos.errors import InputError, OutputError
from mobilevos.video.masks import first_mask, load_mask, save_palette_png
from mobilevos.video.palette import PALETTE

RED, GREEN, BLUE, WHITE, GREY = (255, 0, 0), (0, 200, 0), (30, 60, 250), (255, 255, 255), (128, 128, 128)


def squares() -> np.ndarray:
    """Two objects; the second one appears first when read row by row."""
    labels = np.zeros((40, 60), np.uint8)
    labels[20:35, 5:25] = 1
    labels[5:30, 30:50] = 2
    return labels


def painted(labels: np.ndarray, colours: dict[int, tuple[int, ...]], mode: str = "RGB") -> Image.Image:
    table = np.zeros((256, len(mode)), np.uint8)
    for object_id, colour in colours.items():
        table[object_id] = colour
    return Image.fromarray(table[labels])


def saved(folder: Path, image: Image.Image, name: str = "first.png") -> Path:
    image.save(folder / name)
    return folder / name


SHAPES = (20, 30, 90, 100), (80, 60, 150, 110)


def drawn(colours: dict[int, tuple[int, ...]], scale: int) -> Image.Image:
    """Overlapping ellipses at ``scale`` times 180 x 130 pixels, without soft edges."""
    image = Image.new("RGB", (180 * scale, 130 * scale))
    for shape, colour in zip(SHAPES, colours.values(), strict=False):
        ImageDraw.Draw(image).ellipse([side * scale for side in shape], fill=colour)
    return image


def soft(colours: dict[int, tuple[int, ...]], resample: Image.Resampling = Image.Resampling.BOX) -> Image.Image:
    """The ellipses as a drawing program makes them, with edges blended over a pixel or two."""
    return drawn(colours, 8).resize((180, 130), resample)


def sharp_labels(colours: dict[int, tuple[int, ...]]) -> np.ndarray:
    """What the ellipses' labels are: the keys of ``colours``."""
    big = np.asarray(drawn(colours, 8))[4::8, 4::8]
    labels = np.zeros(big.shape[:2], np.uint8)
    for object_id, colour in colours.items():
        labels[(big == colour).all(axis=2)] = object_id
    return labels


def iou(a: np.ndarray, b: np.ndarray) -> float:
    return float((a & b).sum() / (a | b).sum())


# Formats that say exactly what they mean


def test_palette_ids_are_kept_and_round_trip(tmp_path: Path) -> None:
    labels = squares()
    labels[labels == 2] = 254
    save_palette_png(tmp_path / "a.png", labels)
    np.testing.assert_array_equal(load_mask(tmp_path / "a.png"), labels)
    with Image.open(tmp_path / "a.png") as image:
        assert image.mode == "P"
        assert np.array_equal(np.reshape(image.getpalette(), (-1, 3)), PALETTE)


def test_palette_with_many_small_objects_is_kept(tmp_path: Path) -> None:
    labels = np.zeros((30, 60), np.uint8)
    for object_id in range(1, 20):
        labels[3, 3 * object_id] = object_id
    save_palette_png(tmp_path / "a.png", labels)
    np.testing.assert_array_equal(load_mask(tmp_path / "a.png"), labels)


def test_davis_palette_colours() -> None:
    expected = {
        0: (0, 0, 0),
        1: (128, 0, 0),
        3: (128, 128, 0),
        9: (191, 0, 0),
        20: (0, 64, 128),
        21: (128, 64, 128),
    }
    assert {i: tuple(PALETTE[i].tolist()) for i in expected} == expected
    assert len(np.unique(PALETTE, axis=0)) == 256


def test_small_grey_values_are_ids(tmp_path: Path) -> None:
    labels = squares()
    labels[labels == 2] = 3
    np.testing.assert_array_equal(load_mask(saved(tmp_path, Image.fromarray(labels))), labels)


@pytest.mark.parametrize(("value", "object_id"), [(1, 1), (90, 90), (200, 200), (255, 1)])
def test_a_grey_value_is_the_id_and_white_is_object_1(tmp_path: Path, value: int, object_id: int) -> None:
    inside = squares() > 0
    for mode in ("L", "RGB"):
        mask = load_mask(saved(tmp_path, Image.fromarray(inside * np.uint8(value)).convert(mode)))
        np.testing.assert_array_equal(mask, inside * np.uint8(object_id))


@pytest.mark.parametrize("snap", [False, True])
def test_shades_of_grey_are_objects_and_white_is_one_of_them(tmp_path: Path, snap: bool) -> None:
    for mode in ("L", "RGB"):
        image = Image.fromarray(np.array([0, 128, 255], np.uint8)[squares()]).convert(mode)
        mask = load_mask(saved(tmp_path, image), snap=snap)
        np.testing.assert_array_equal(mask, np.array([0, 128, 1])[squares()])


def test_one_bit(tmp_path: Path) -> None:
    mask = load_mask(saved(tmp_path, Image.fromarray(squares() > 0)))
    np.testing.assert_array_equal(mask, (squares() > 0).astype(np.uint8))
    assert mask.dtype == np.uint8


def test_16_bit_ids(tmp_path: Path) -> None:
    np.testing.assert_array_equal(load_mask(saved(tmp_path, Image.fromarray(squares().astype(np.uint16)))), squares())
    with pytest.raises(InputError, match="8 bits"):
        load_mask(saved(tmp_path, Image.fromarray(squares().astype(np.uint16) * 1000)))


def test_davis_colours_keep_their_ids_and_others_take_free_ones(tmp_path: Path) -> None:
    labels = squares()
    labels[36:39, 55:58] = 3
    image = painted(labels, {1: tuple(PALETTE[5]), 2: RED, 3: tuple(PALETTE[1])})
    expected = np.array([0, 5, 2, 1], np.uint8)[labels]
    np.testing.assert_array_equal(load_mask(saved(tmp_path, image)), expected)


def test_colours_are_numbered_by_first_appearance(tmp_path: Path) -> None:
    image = painted(squares(), {1: RED, 2: GREEN})
    np.testing.assert_array_equal(load_mask(saved(tmp_path, image)), np.array([0, 2, 1])[squares()])


def test_transparent_is_background_whatever_its_colour(tmp_path: Path) -> None:
    image = painted(squares(), {0: (*GREEN, 0), 1: (*RED, 255), 2: (*WHITE, 255)}, "RGBA")
    np.testing.assert_array_equal(load_mask(saved(tmp_path, image)), np.array([0, 2, 1])[squares()])


def test_black_on_transparent_is_an_object(tmp_path: Path) -> None:
    image = painted(squares(), {1: (0, 0, 0, 255), 2: (0, 0, 0, 255)}, "RGBA")
    np.testing.assert_array_equal(load_mask(saved(tmp_path, image)), squares() > 0)


@pytest.mark.parametrize("snap", [False, True])
def test_tiny_object_in_a_palette_colour_stays(tmp_path: Path, snap: bool) -> None:
    labels = squares()
    labels[2, 2] = 8
    image = painted(labels, {i: tuple(PALETTE[i]) for i in (1, 2, 8)})
    np.testing.assert_array_equal(load_mask(saved(tmp_path, image), snap=snap), labels)


# Soft edges


@pytest.mark.parametrize(
    "colours",  # by the id that each is to get
    [
        {1: WHITE},
        {1: RED, 2: BLUE},
        {1: WHITE, 128: GREY},
        {1: tuple(PALETTE[1].tolist()), 2: tuple(PALETTE[2].tolist())},
        {1: tuple(PALETTE[1].tolist()), 9: tuple(PALETTE[9].tolist())},
        {1: RED, 7: GREY},
    ],
    ids=["white", "red-blue", "white-grey", "davis-1-2", "davis-1-9", "red-grey"],
)
@pytest.mark.parametrize("resample", [Image.Resampling.BOX, Image.Resampling.BICUBIC], ids=["box", "bicubic"])
@pytest.mark.parametrize("mode", ["RGB", "JPEG", "P"])
def test_soft_edges_are_refused_and_snap_to_the_true_objects(
    tmp_path: Path, colours: dict[int, tuple[int, ...]], resample: Image.Resampling, mode: str
) -> None:
    image, name = soft(colours, resample), "first.png"
    if mode == "JPEG":
        name = "first.jpg"
        buffer = io.BytesIO()
        image.save(buffer, format="JPEG", quality=90)
        image = Image.open(buffer)
    elif mode == "P":
        image = image.quantize(64)
    path = saved(tmp_path, image, name)
    with pytest.raises(InputError, match=rf"^{name} has \d+ colours and looks anti-aliased; pass --snap .*\.$"):
        load_mask(path)
    labels = load_mask(path, snap=True)
    truth = sharp_labels(colours)
    assert np.unique(labels).tolist() == [0, *colours]  # no phantom object
    for object_id in colours:
        assert iou(labels == object_id, truth == object_id) > (0.96 if mode == "JPEG" else 0.98)


def test_grey_soft_edges(tmp_path: Path) -> None:
    image = soft({1: WHITE}).convert("L")
    path = saved(tmp_path, image)
    count = len(np.unique(image))
    with pytest.raises(InputError, match=f"^first.png has {count} colours and looks anti-aliased; pass --snap"):
        load_mask(path)
    np.testing.assert_array_equal(load_mask(path, snap=True), np.asarray(image) >= 128)


def test_a_single_grey_level_on_the_edge_is_no_object(tmp_path: Path) -> None:
    grey = np.zeros((30, 30), np.uint8)
    grey[10:20, 10:20] = 128
    grey[11:19, 11:19] = 255
    with pytest.raises(InputError, match="has 3 colours and looks anti-aliased"):
        load_mask(saved(tmp_path, Image.fromarray(grey)))
    labels = load_mask(saved(tmp_path, Image.fromarray(grey)), snap=True)
    assert set(np.unique(labels)) == {0, 1}
    assert (labels[11:19, 11:19] == 1).all()


def test_soft_alpha_snaps_at_half(tmp_path: Path) -> None:
    alpha = soft({1: WHITE}).convert("L")
    image = Image.new("RGBA", alpha.size, (*RED, 255))
    image.putalpha(alpha)
    path = saved(tmp_path, image)
    with pytest.raises(InputError, match="anti-aliased"):
        load_mask(path)
    labels = load_mask(path, snap=True)
    assert set(np.unique(labels)) == {0, 1}
    assert iou(labels == 1, np.asarray(alpha) >= 128) > 0.98


def test_white_edges_do_not_turn_into_a_grey_object_elsewhere(tmp_path: Path) -> None:
    image = drawn({1: WHITE}, 8)
    ImageDraw.Draw(image).rectangle([1200, 700, 1400, 900], fill=GREY)
    labels = load_mask(saved(tmp_path, image.resize((180, 130), Image.Resampling.BOX)), snap=True)
    grey = labels == labels[100, 160]
    assert grey[88:112, 151:174].all()
    assert not grey[:, :130].any()


def test_thin_lines_survive_snapping(tmp_path: Path) -> None:
    image = drawn({1: WHITE}, 8)
    ImageDraw.Draw(image).line([480, 800, 480, 1000], fill=WHITE, width=16)  # two pixels wide, 20 long
    labels = load_mask(saved(tmp_path, image.resize((180, 130), Image.Resampling.BOX)), snap=True)
    assert (labels[102:124] > 0).sum(axis=1).min() >= 1


# Unusable


def _photo(folder: Path) -> Path:
    y, x = np.mgrid[:80, :100]
    noise = np.random.default_rng(0).normal(0, 12, (80, 100, 3))
    photo = np.dstack([x * 2.5, y * 3, (x + y) * 1.4]) + noise
    return saved(folder, Image.fromarray(photo.clip(0, 255).astype(np.uint8)))


def _no_background(folder: Path) -> Path:
    return saved(folder, painted(squares(), {0: WHITE, 1: RED, 2: RED}))


def _text(folder: Path) -> Path:
    (folder / "first.png").write_text("no image")
    return folder / "first.png"


def _cut(folder: Path) -> Path:
    path = _photo(folder)
    path.write_bytes(path.read_bytes()[:3000])
    return path


@pytest.mark.parametrize(
    ("make", "snap", "expected"),
    [
        (lambda folder: folder / "first.png", False, "does not exist"),
        (lambda folder: folder, False, "not a readable image"),
        (_text, False, "not a readable image"),
        (_cut, False, "not a readable image"),
        (_photo, False, "colours and looks anti-aliased; pass --snap"),
        (_photo, True, "looks like a picture"),
        (_no_background, False, "has no background"),
        (_no_background, True, "has no background"),
    ],
)
def test_bad_mask_is_refused_in_one_sentence(tmp_path: Path, make, snap: bool, expected: str) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(InputError) as caught:
        load_mask(make(tmp_path), snap=snap)
    message = str(caught.value)
    assert expected in message
    assert message.endswith(".")
    assert "\n" not in message


def test_first_mask() -> None:
    assert first_mask(labels := squares(), (40, 60), "first.png") is labels
    with pytest.raises(InputError, match=r"^first\.png is 60x40 but the frames are 854x480; .*\.$"):
        first_mask(squares(), (480, 854), "first.png")
    with pytest.raises(InputError, match=r"^first\.png is empty; .*\.$"):
        first_mask(np.zeros((40, 60), np.uint8), (40, 60), "first.png")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full here")
def test_full_disk_leaves_nothing(tmp_path: Path) -> None:
    (tmp_path / ".a.part.png").symlink_to("/dev/full")  # the name it writes to until it is complete
    with pytest.raises(OutputError, match="disk is full"):
        save_palette_png(tmp_path / "a.png", squares())
    assert os.listdir(tmp_path) == []
