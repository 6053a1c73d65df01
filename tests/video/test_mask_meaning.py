"""What kinds of mask files mean (docs/masks.md): one image, and the images of one run."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw

from mobilevos.errors import InputError
from mobilevos.video.masks import VOID, MaskSet, load_mask

LABELS = np.zeros((40, 60), np.uint8)
LABELS[20:35, 5:25] = 1
LABELS[5:30, 30:50] = 2
ONE = (LABELS == 1).astype(np.uint8)
RED, BLUE, WHITE = (250, 50, 83), (52, 109, 183), (255, 255, 255)


def saved(path: Path, pixels: np.ndarray | Image.Image, **options) -> Path:
    (pixels if isinstance(pixels, Image.Image) else Image.fromarray(pixels)).save(path, **options)
    return path


def coloured(labels: np.ndarray, *colours: tuple[int, ...]) -> np.ndarray:
    return np.array([(0,) * len(colours[0]), *colours], np.uint8)[labels]


def with_palette(indices: np.ndarray, colours: list[tuple[int, ...]], bits: int = 8) -> Image.Image:
    image = Image.fromarray(indices)
    image.putpalette([channel for colour in colours for channel in colour])
    return image


def read(*paths: Path, snap: bool = False) -> list[np.ndarray]:
    masks = MaskSet(paths, snap=snap)
    return [masks[path] for path in paths]


# Palettes


@pytest.mark.parametrize("suffix", ["png", "gif", "tif", "bmp"])
@pytest.mark.parametrize("bits", [1, 8])
def test_white_is_the_object_whatever_its_index(tmp_path: Path, suffix: str, bits: int) -> None:
    image = with_palette(1 - ONE, [WHITE, (0, 0, 0)])
    options = {"bits": bits} if suffix == "png" else {}
    np.testing.assert_array_equal(load_mask(saved(tmp_path / f"a.{suffix}", image, **options)), ONE)


@pytest.mark.parametrize("method", [Image.Quantize.MEDIANCUT, Image.Quantize.FASTOCTREE, Image.Quantize.MAXCOVERAGE])
def test_quantised_colours_are_objects(tmp_path: Path, method: Image.Quantize) -> None:
    image = Image.fromarray(coloured(LABELS, RED, WHITE)).quantize(4, method=method)
    labels = load_mask(saved(tmp_path / "a.png", image))
    np.testing.assert_array_equal(labels > 0, LABELS > 0)
    assert len(np.unique(labels)) == 3


def test_indices_are_ids_if_nothing_else_is_the_ground(tmp_path: Path) -> None:
    image = with_palette(LABELS * np.uint8(9), [WHITE] + [(k, 255 - k, 90) for k in range(1, 30)])
    np.testing.assert_array_equal(load_mask(saved(tmp_path / "a.png", image)), LABELS * 9)


def test_a_transparent_entry_is_the_ground(tmp_path: Path) -> None:
    for ground in range(3):
        order = np.roll(np.arange(3), ground)
        image = with_palette(order.astype(np.uint8)[LABELS], [(10, 200, 30), RED, BLUE])
        labels = load_mask(saved(tmp_path / "a.png", image, transparency=int(order[0])))
        np.testing.assert_array_equal(labels > 0, LABELS > 0)
        assert len(np.unique(labels)) == 3


@pytest.mark.parametrize("count", [72, 254])
def test_many_tiny_objects_of_any_palette_stay(tmp_path: Path, count: int) -> None:
    labels = np.zeros((100, 100), np.uint8)
    for object_id in range(1, count + 1):
        row, column = divmod(object_id, 24)
        labels[4 * row : 4 * row + 2, 4 * column : 4 * column + 2] = object_id
    colours = np.random.default_rng(3).integers(60, 256, (256, 3))
    colours[0] = 0
    image = with_palette(labels, [tuple(colour) for colour in colours.tolist()])
    np.testing.assert_array_equal(load_mask(saved(tmp_path / "palette.png", image)), labels)
    for snap in (False, True):
        np.testing.assert_array_equal(load_mask(saved(tmp_path / "grey.png", labels), snap=snap), labels)
        rgb = saved(tmp_path / "rgb.png", np.repeat(labels[..., None], 3, 2))
        np.testing.assert_array_equal(load_mask(rgb, snap=snap), labels)


def test_palettes_that_disagree_are_pictures(tmp_path: Path) -> None:
    both = saved(tmp_path / "0.png", with_palette(LABELS, [(0, 0, 0), RED, BLUE]))
    second = saved(tmp_path / "1.png", with_palette((LABELS == 2).astype(np.uint8), [(0, 0, 0), BLUE]))
    first, later = read(both, second)
    assert len(np.unique(first)) == 3
    np.testing.assert_array_equal(later, np.where(LABELS == 2, first, 0))


# 255


@pytest.mark.parametrize("kind", ["grey", "palette"])
@pytest.mark.parametrize("ids", [(1, 2), (10, 90), (3, 254)])
def test_255_beside_ids_is_void(tmp_path: Path, kind: str, ids: tuple[int, int]) -> None:
    values = np.array([0, *ids], np.uint8)[LABELS]
    values[:, 25:28] = 255
    image = Image.fromarray(values) if kind == "grey" else with_palette(values, [(k, k, 0) for k in range(256)])
    path = saved(tmp_path / "a.png", image)
    np.testing.assert_array_equal(load_mask(path), np.where(values == 255, 0, values))
    np.testing.assert_array_equal(read(path)[0], values)
    assert MaskSet([path], snap=False).objects(path) == list(ids)


def test_255_alone_is_void_if_other_masks_have_ids(tmp_path: Path) -> None:
    alone = saved(tmp_path / "1.png", ONE * np.uint8(255))
    ids = saved(tmp_path / "0.png", LABELS)
    np.testing.assert_array_equal(read(ids, alone)[1], np.where(ONE, VOID, 0))
    np.testing.assert_array_equal(read(alone)[0], ONE)


# More than 8 bits


@pytest.mark.parametrize("white", [1023, 4095, 16383, 65280, 65535])
def test_deep_white_is_object_1(tmp_path: Path, white: int) -> None:
    for suffix in ("png", "tif"):
        np.testing.assert_array_equal(load_mask(saved(tmp_path / f"a.{suffix}", ONE * np.uint16(white))), ONE)


def test_deep_ids_are_kept(tmp_path: Path) -> None:
    for dtype in (np.uint16, np.int32, np.float32):
        values = np.array([0, 90, 200])[LABELS].astype(dtype)
        np.testing.assert_array_equal(load_mask(saved(tmp_path / "a.tif", values)), values)


@pytest.mark.parametrize("values", [(1.0, 0.0), (0.6, 0.0), (255.0, 0.0)])
def test_fractions_are_shades(tmp_path: Path, values: tuple[float, float]) -> None:
    mask = load_mask(saved(tmp_path / "a.tif", np.where(ONE, *values).astype(np.float32)))
    np.testing.assert_array_equal(mask, ONE)


def test_small_fractions_are_no_ids(tmp_path: Path) -> None:
    """So white beside them is an object and not void."""
    values = np.array([0, 0.1, 0.9], np.float32)[LABELS]
    np.testing.assert_array_equal(load_mask(saved(tmp_path / "a.tif", values)), np.array([0, 28, 1])[LABELS])


@pytest.mark.parametrize("values", [(0.93, 0.02), (0.6, 0.3), (0.7, 0.7)])
def test_fractions_without_background_are_refused(tmp_path: Path, values: tuple[float, float]) -> None:
    path = saved(tmp_path / "a.tif", np.where(ONE, *values).astype(np.float32))
    with pytest.raises(InputError, match=rf"fractions from {values[1]} to {values[0]} and no background"):
        load_mask(path)


def test_soft_fractions_are_refused_and_snap(tmp_path: Path) -> None:
    y, x = np.mgrid[:80, :120]
    matte = np.clip(20.3 - np.hypot(x - 60, y - 40), 0, 1)
    for name, values in {"16.png": (matte * 65535).astype(np.uint16), "f.tif": matte.astype(np.float32)}.items():
        path = saved(tmp_path / name, values)
        with pytest.raises(InputError, match="anti-aliased"):
            load_mask(path)
        np.testing.assert_array_equal(load_mask(path, snap=True), matte >= 0.5)


@pytest.mark.parametrize("values", [(-1.0, 0.0), (np.nan, 0.0), (0.5, 300.0), (1000.0, 0.0)])
def test_numbers_that_mean_nothing_are_refused(tmp_path: Path, values: tuple[float, float]) -> None:
    path = saved(tmp_path / "a.tif", np.where(ONE, *values).astype(np.float32))
    with pytest.raises(InputError, match=r"a\.tif has values .* 8 bits"):
        load_mask(path)


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("suffix", ["png", "tif", "webp"])
def test_masks_are_upright(tmp_path: Path, suffix: str, orientation: int) -> None:
    turns: dict[int, Callable[[np.ndarray], np.ndarray]] = {
        1: lambda m: m,
        2: np.fliplr,
        3: lambda m: np.rot90(m, 2),
        4: np.flipud,
        5: np.transpose,
        6: np.rot90,
        7: lambda m: np.rot90(m.T, 2),
        8: lambda m: np.rot90(m, -1),
    }
    exif = Image.Exif()
    exif[0x0112] = orientation
    stored = np.ascontiguousarray(turns[orientation](ONE * np.uint8(255)))
    image = Image.fromarray(stored).convert("RGB" if suffix == "webp" else "L")
    options = {"lossless": True} if suffix == "webp" else {}
    np.testing.assert_array_equal(load_mask(saved(tmp_path / f"a.{suffix}", image, exif=exif, **options)), ONE)


# One colour is one object in all masks


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "P"])
def test_a_colour_keeps_its_id(tmp_path: Path, mode: str) -> None:
    paths = []
    for index, shown in enumerate([(1, 2), (2,), (1,), (2, 1)]):
        image = Image.fromarray(coloured(np.where(np.isin(LABELS, shown), LABELS, 0), RED, BLUE))
        if mode == "RGBA":
            image.putalpha(Image.fromarray(np.isin(LABELS, shown) * np.uint8(255)))
        image = image.quantize(3) if mode == "P" else image
        paths.append(saved(tmp_path / f"{index}.png", image))
    first, *later = read(*paths)
    assert sorted(np.unique(first)) == [0, 1, 2]
    for shown, labels in zip([(2,), (1,), (2, 1)], later, strict=True):
        np.testing.assert_array_equal(labels, np.where(np.isin(LABELS, shown), first, 0))


def test_palette_colours_keep_theirs_though_they_come_later(tmp_path: Path) -> None:
    masks = read(
        saved(tmp_path / "0.png", coloured(ONE, RED)), saved(tmp_path / "1.png", coloured(LABELS, RED, (128, 0, 0)))
    )
    assert [sorted(np.unique(mask)) for mask in masks] == [[0, 2], [0, 1, 2]]


@pytest.mark.parametrize("colours", [((128, 0, 0), (0, 128, 0)), (BLUE, RED)])
def test_colours_of_a_palette_have_its_ids_elsewhere(tmp_path: Path, colours: tuple[tuple[int, ...], ...]) -> None:
    palette = with_palette(3 * LABELS, [(k, k, 255 - k) for k in range(256)])
    entries = palette.getpalette() or []
    entries[9:12], entries[18:21] = colours
    entries[:3] = 0, 0, 0
    palette.putpalette(entries)
    known = saved(tmp_path / "0.png", palette)
    drawn = saved(tmp_path / "1.png", coloured(LABELS, *colours))
    for masks in (read(known, drawn), [MaskSet([drawn], snap=False, beside=MaskSet([known], snap=False))[drawn]] * 2):
        np.testing.assert_array_equal(masks[1], 3 * LABELS)


def test_colours_of_a_run_are_254_objects_at_most(tmp_path: Path) -> None:
    colours = [(70 + 20 * (k // 81), 70 + 20 * (k // 9 % 9), 70 + 20 * (k % 9)) for k in range(255)]
    paths = [saved(tmp_path / f"{k}.png", coloured(ONE, colour)) for k, colour in enumerate(colours)]
    assert sorted(int(mask.max()) for mask in read(*paths[:254])) == list(range(1, 255))
    with pytest.raises(InputError, match="255 colours, but 254 objects are the most"):
        read(*paths)


def test_white_among_colours_is_one_of_them(tmp_path: Path) -> None:
    both, alone = read(
        saved(tmp_path / "0.png", coloured(LABELS, RED, WHITE)),
        saved(tmp_path / "1.png", coloured((LABELS == 2).astype(np.uint8), WHITE)),
    )
    np.testing.assert_array_equal(alone, np.where(LABELS == 2, both, 0))


def test_soft_colours_are_known_again(tmp_path: Path) -> None:
    paths = []
    for index, shapes in enumerate([((20, 20, 90, 90), RED, (100, 60, 150, 110), BLUE), ((90, 50, 160, 120), BLUE)]):
        image = Image.new("RGB", (1440, 1040))
        for box, colour in zip(shapes[::2], shapes[1::2], strict=True):
            ImageDraw.Draw(image).ellipse([8 * side for side in box], fill=colour)
        paths.append(saved(tmp_path / f"{index}.jpg", image.resize((180, 130), Image.Resampling.BOX), quality=90))
    first, later = read(*paths, snap=True)
    assert first[85, 125] == later[85, 125] not in (0, first[55, 55])
    assert len(np.unique(first)) == 3
    assert len(np.unique(later)) == 2


# Thin and tiny


def soft_line(width: int, colour: tuple[int, ...], resample: Image.Resampling) -> Image.Image:
    large = Image.new("RGB", (1280, 960))
    ImageDraw.Draw(large).rectangle((40, 320, 280, 560), fill=(255, 0, 0))
    ImageDraw.Draw(large).line((500, 100, 1100, 800), fill=colour, width=width)
    return large.resize((320, 240), resample)


@pytest.mark.parametrize("resample", [Image.Resampling.BOX, Image.Resampling.LANCZOS])
@pytest.mark.parametrize("colour", [(0, 255, 0), (255, 255, 255), (90, 90, 255), (160, 0, 0)])
@pytest.mark.parametrize("width", [3, 5, 10])
def test_soft_wires_stay(tmp_path: Path, width: int, colour: tuple[int, ...], resample: Image.Resampling) -> None:
    path = saved(tmp_path / "a.png", soft_line(width, colour, resample))
    with pytest.raises(InputError, match="anti-aliased"):
        load_mask(path)
    labels = load_mask(path, snap=True)
    wire = labels[:, 120:] > 0
    assert wire[30:195].any(axis=1).all()
    assert 0.5 < wire.sum() / (230 * max(1.0, width / 4)) < 2
    assert len(np.unique(labels)) == 3 or colour == (160, 0, 0)  # which may also be what is left of red


@pytest.mark.parametrize("resample", [Image.Resampling.BOX, Image.Resampling.LANCZOS])
@pytest.mark.parametrize("grey", [100, 128, 200])
@pytest.mark.parametrize("width", [10, 20, 30])
def test_wires_of_a_darker_grey_are_their_own(
    tmp_path: Path, width: int, grey: int, resample: Image.Resampling
) -> None:
    """A blend of white with the ground is no wider than two pixels."""
    large = Image.new("L", (1280, 960))
    ImageDraw.Draw(large).rectangle((40, 320, 280, 560), fill=255)
    ImageDraw.Draw(large).line((500, 100, 1100, 800), fill=grey, width=width)
    labels = load_mask(saved(tmp_path / "a.png", large.resize((320, 240), resample)), snap=True)
    assert np.unique(labels[:, :110]).tolist() == [0, 1]
    (wire,) = np.unique(labels[:, 120:]).tolist()[1:]
    assert wire == pytest.approx(grey, abs=10)


def test_a_wire_alone_and_one_that_touches(tmp_path: Path) -> None:
    large = Image.new("RGB", (1280, 960))
    ImageDraw.Draw(large).line((200, 100, 1100, 800), fill=(0, 255, 0), width=6)
    alone = load_mask(saved(tmp_path / "alone.png", large.resize((320, 240), Image.Resampling.BOX)), snap=True)
    assert np.unique(alone).tolist() == [0, 1]
    assert (alone[30:190] > 0).any(axis=1).all()
    ImageDraw.Draw(large).ellipse((100, 50, 400, 350), fill=(255, 0, 0))
    touching = load_mask(saved(tmp_path / "touching.png", large.resize((320, 240), Image.Resampling.BOX)), snap=True)
    assert len(np.unique(touching)) == 3
    assert (touching[100:190] > 0).any(axis=1).all()


@pytest.mark.parametrize("snap", [False, True])
def test_flat_thin_objects_stay_as_they_are(tmp_path: Path, snap: bool) -> None:
    labels = LABELS.copy()
    labels[2, 3:50] = 3
    labels[38, 7] = 4
    for colour in ((100, 20, 30), (0, 255, 0), (250, 250, 250)):
        image = coloured(labels, RED, BLUE, colour, (200, 10, 200))
        assert len(np.unique(load_mask(saved(tmp_path / "a.png", image), snap=snap))) == 5
    grey = np.array([0, 10, 200, 90, 130], np.uint8)[labels]
    np.testing.assert_array_equal(load_mask(saved(tmp_path / "grey.png", grey), snap=snap), grey)


@pytest.mark.parametrize("quality", [90, 100])
@pytest.mark.parametrize("orientation", [1, 3, 6])
def test_jpeg_scatters_white_into_no_other_objects(tmp_path: Path, quality: int, orientation: int) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    path = saved(tmp_path / "a.jpg", ONE * np.uint8(255), quality=quality, exif=exif)
    assert np.unique(load_mask(path, snap=quality < 100)).tolist() == [0, 1]


def test_white_of_a_palette_makes_no_void_of_white(tmp_path: Path) -> None:
    """Tools store some masks of a run with a palette, and others as grey or colours."""
    for index in (1, 2):
        first = saved(tmp_path / "0.png", with_palette(ONE * np.uint8(index), [(0, 0, 0), *[WHITE] * index]))
        others = [saved(tmp_path / "1.png", ONE * np.uint8(255)), saved(tmp_path / "2.png", coloured(ONE, WHITE))]
        for mask in read(first, *others)[1:]:
            np.testing.assert_array_equal(mask > 0, ONE > 0)
            assert mask.max() == 1


def discs(*colours: tuple[int, ...]) -> np.ndarray:
    """(120, 160, 3) of two discs."""
    y, x = np.mgrid[:120, :160]
    first, second = (y - 40) ** 2 + (x - 50) ** 2 < 900, (y - 80) ** 2 + (x - 110) ** 2 < 600
    return np.array([(0, 0, 0), *colours], np.uint8)[first + 2 * second]


@pytest.mark.parametrize("quality", [60, 75, 95, 100])
@pytest.mark.parametrize(("suffix", "mode"), [("jpg", "RGB"), ("jpg", "CMYK"), ("webp", "L"), ("webp", "RGB")])
def test_white_is_scattered_in_every_lossy_file(tmp_path: Path, suffix: str, mode: str, quality: int) -> None:
    """Whatever its channels are, and by what the file is, not what it is called."""
    drawn = discs((255, 255, 255), (255, 255, 255))
    image = Image.fromarray(drawn).convert(mode)
    path = tmp_path / "a.mask"
    image.save(path, format="JPEG" if suffix == "jpg" else "WEBP", quality=quality)
    np.testing.assert_array_equal(load_mask(path, snap=True), drawn[..., 0] > 0)
    if quality == 100:
        np.testing.assert_array_equal(load_mask(path), drawn[..., 0] > 0)


@pytest.mark.parametrize("quality", [75, 90, 95, 100])
@pytest.mark.parametrize("suffix", ["jpg", "webp"])
@pytest.mark.parametrize(
    "colours",
    [
        ((255, 0, 0), (0, 255, 0)),
        ((0, 0, 255), (0, 255, 255)),
        ((255, 255, 0), (255, 0, 255)),
        ((255, 255, 255), (128, 128, 128)),
        ((128, 0, 0), (0, 128, 0)),
    ],
)
def test_lossy_files_blur_colours_more_than_light(
    tmp_path: Path, colours: tuple[tuple[int, ...], ...], suffix: str, quality: int
) -> None:
    drawn = discs(*colours)
    labels = load_mask(saved(tmp_path / f"a.{suffix}", drawn, quality=quality), snap=True)
    truth = discs((1, 1, 1), (2, 2, 2))[..., 0]
    assert len(np.unique(labels)) == 3
    for own in range(3):
        usual = np.bincount(labels[truth == own]).argmax()
        assert (labels == usual)[truth == own].mean() > 0.98


def test_ids_in_files_that_lose_nothing_stay(tmp_path: Path) -> None:
    drawn = LABELS * np.uint8(2)
    drawn[0, 0] = 255
    for name, options in (("a.webp", {"lossless": True}), ("b.png", {})):
        assert np.unique(load_mask(saved(tmp_path / name, drawn, **options))).tolist() == [0, 2, 4]
    (tmp_path / "b.png").rename(tmp_path / "b.jpg")
    assert np.unique(load_mask(tmp_path / "b.jpg")).tolist() == [0, 2, 4]


@pytest.mark.parametrize("suffix", ["pgm", "tga", "jp2"])
def test_other_kinds_of_images(tmp_path: Path, suffix: str) -> None:
    options = {"irreversible": False} if suffix == "jp2" else {}
    np.testing.assert_array_equal(load_mask(saved(tmp_path / f"a.{suffix}", LABELS, **options)), LABELS)
