"""What one mask's file shows: indices, shades or colours, and whether their edges are soft."""

import struct
import zlib
from pathlib import Path

import numpy as np
import OpenEXR
import pytest
from PIL import Image

from mobilevos.errors import InputError
from mobilevos.video.mask_file import Drawing, read_drawing
from mobilevos.video.palette import PALETTE

BLACK, WHITE, RED, BLUE = (0, 0, 0), (255, 255, 255), (250, 50, 83), (52, 109, 183)
DAVIS = [tuple(colour) for colour in PALETTE.tolist()]
BORDER = 9
"""Index that no other part of a drawing has."""


def edged(inside: int, border: int, *others: int, ground: int = 0) -> np.ndarray:
    """(16, W) a square with a border of one pixel, as soft edges are, and some without."""
    index = np.full((16, 16 * (1 + len(others))), ground, np.uint8)
    index[3:13, 3:13] = border
    index[4:12, 4:12] = inside
    for number, other in enumerate(others, 1):
        index[4:12, 16 * number + 4 : 16 * number + 12] = other
    return index


def strips(*values: int) -> np.ndarray:
    """(8, 8 * N): values that JPEG keeps exactly."""
    return np.repeat(np.array([values], np.uint8), 8, axis=0).repeat(8, axis=1)


def read(path: Path, image: np.ndarray | Image.Image, *, snap: bool = False, **options: object) -> Drawing:
    (image if isinstance(image, Image.Image) else Image.fromarray(image)).save(path, **options)
    return read_drawing(path, path.name, snap=snap)


def with_palette(index: np.ndarray, colours: dict[int, tuple[int, ...]]) -> Image.Image:
    entries = np.zeros((256, 3), np.uint8)
    for number, colour in colours.items():
        entries[number] = colour
    image = Image.fromarray(index)
    image.putpalette(entries.tobytes())
    return image


@pytest.mark.parametrize(
    ("ground", "first", "second", "kind"),
    [
        ((*WHITE, 255), (*BLUE, 126), (*RED, 255), "colours"),
        ((*WHITE, 255), (*BLUE, 127), (*RED, 255), "palette"),
        ((*WHITE, 255), (7, 7, 7, 255), (*RED, 255), "colours"),
        ((*WHITE, 255), (0, 0, 8, 255), (*RED, 255), "palette"),
        ((*WHITE, 0), (*BLUE, 255), (*RED, 255), "palette"),
        ((*BLACK, 255), (*BLUE, 126), (*RED, 255), "colours"),
        ((*BLACK, 255), (*BLUE, 127), (*RED, 255), "palette"),
        ((*BLACK, 255), (*BLACK, 255), (*RED, 255), "palette"),
    ],
)
def test_indices_count_if_the_ground_is_index_0(
    tmp_path: Path, ground: tuple[int, ...], first: tuple[int, ...], second: tuple[int, ...], kind: str
) -> None:
    image = with_palette(strips(0, 1, 2), {0: ground[:3], 1: first[:3], 2: second[:3]})
    alphas = bytes([ground[3], first[3], second[3]])
    assert read(tmp_path / "a.png", image, transparency=alphas).kind == kind


def test_colours_of_a_palette(tmp_path: Path) -> None:
    image = Image.fromarray(strips(0, 1, 2))
    image.putpalette([*BLACK, *RED, *BLUE])
    drawing = read(tmp_path / "a.png", image, transparency=bytes([255, 255, 204]))
    assert drawing.colours.shape == (256, 4)
    assert drawing.colours[[0, 1, 2, 99]].tolist() == [[0, 0, 0, 255], [*RED, 255], [42, 87, 146, 204], [0, 0, 0, 255]]
    drawing = read(tmp_path / "b.png", image, transparency=0)
    assert drawing.colours[[0, 1]].tolist() == [[0, 0, 0, 0], [*RED, 255]]


def test_more_transparency_than_colours_is_left_out(tmp_path: Path) -> None:
    read(path := tmp_path / "a.png", with_palette(strips(0, 1), {1: RED}), transparency=b"\0")
    data = path.read_bytes()
    at = data.index(b"tRNS")
    chunk = b"tRNS" + b"\0" + b"\x80" * 299
    length = struct.unpack(">I", data[at - 4 : at])[0]
    long = struct.pack(">I", 300) + chunk + struct.pack(">I", zlib.crc32(chunk))
    path.write_bytes(data[: at - 4] + long + data[at + 4 + length + 4 :])
    assert read_drawing(path, "a.png", snap=False).colours[:, 3].tolist() == [0] + [128] * 255


@pytest.mark.parametrize(
    ("index", "colours"),
    [
        (edged(1, BORDER), {1: WHITE, BORDER: (150, 150, 150)}),
        (edged(1, BORDER, 2), {1: WHITE, BORDER: (150, 150, 150), 2: RED}),
        (edged(1, 2, 3, 4, 5), {1: WHITE, 2: RED, 3: BLUE, 4: (0, 240, 0), 5: (240, 240, 0)}),
        (edged(1, 255, 2, 3, 4), dict(enumerate(DAVIS[:5])) | {255: (96, 0, 0)}),
    ],
    ids=["three", "four", "flat", "void"],
)
def test_indices_are_no_soft_edges(tmp_path: Path, index: np.ndarray, colours: dict[int, tuple[int, ...]]) -> None:
    """Of few colours, without blends, or of the DAVIS palette with void around an object."""
    drawing = read(tmp_path / "a.png", with_palette(index, colours))
    assert (drawing.kind, drawing.soft) == ("palette", False)
    np.testing.assert_array_equal(drawing.index, index)


@pytest.mark.parametrize(
    ("index", "colours"),
    [
        (edged(1, BORDER, 2, 3), {1: WHITE, BORDER: (150, 150, 150), 2: RED, 3: BLUE}),
        (edged(255, 22, 1, 2, 3), dict(enumerate(DAVIS[:23])) | {255: (0, 255, 171)}),
    ],
    ids=["five", "beyond-davis"],
)
def test_palettes_of_soft_edges_are_pictures(
    tmp_path: Path, index: np.ndarray, colours: dict[int, tuple[int, ...]]
) -> None:
    image = with_palette(index, colours)
    with pytest.raises(InputError, match="anti-aliased"):
        read(tmp_path / "a.png", image)
    drawing = read(tmp_path / "a.png", image, snap=True)
    assert (drawing.kind, drawing.soft) == ("colours", True)


def test_grey_with_transparency_is_a_picture(tmp_path: Path) -> None:
    image = Image.fromarray(strips(0, 200))
    assert read(tmp_path / "a.png", image).kind == "greys"
    assert read(tmp_path / "b.png", image, transparency=200).kind == "colours"


@pytest.mark.parametrize(
    ("drawn", "expected"),
    [((3, 255), (0, 255)), ((3, 247), (3, 247)), ((8, 255), (8, 255)), ((0, 248, 255), (0, 255, 255))],
)
def test_jpeg_scatters_black_and_white(tmp_path: Path, drawn: tuple[int, ...], expected: tuple[int, ...]) -> None:
    drawing = read(tmp_path / "a.jpg", strips(*drawn), quality=100)
    assert drawing.index[4, 4::8].tolist() == list(expected)
    assert read(tmp_path / "a.png", strips(3, 255)).index[4, 4] == 3


def test_other_shades_in_jpeg_are_soft(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="has 3 colours and looks anti-aliased"):
        read(tmp_path / "a.jpg", strips(0, 247, 255), quality=100)


@pytest.mark.parametrize(("inside", "border"), [(64, 32), (255, 50), (255, 64)])
def test_small_values_are_no_soft_edges(tmp_path: Path, inside: int, border: int) -> None:
    drawing = read(tmp_path / "a.png", index := edged(inside, border))
    assert not drawing.soft
    np.testing.assert_array_equal(drawing.index, index)


@pytest.mark.parametrize(
    ("ground", "border", "inside", "expected"),
    [(0, 32, 65, [0, 65]), (7, 90, 223, [0, 223]), (8, 90, 224, [8, 255]), (0, 100, 255, [0, 255])],
)
def test_soft_shades_are_snapped(tmp_path: Path, ground: int, border: int, inside: int, expected: list[int]) -> None:
    image = edged(inside, border, ground=ground)
    with pytest.raises(InputError, match="anti-aliased"):
        read(tmp_path / "a.png", image)
    drawing = read(tmp_path / "a.png", image, snap=True)
    assert drawing.soft
    assert drawing.used.tolist() == expected


@pytest.mark.parametrize(
    ("values", "index", "soft"),
    [
        ((0, 0.5, 1), (0, 128, 255), True),
        ((0, 0.3, 0.75), (0, 102, 255), True),
        ((0, 0.5, 1.5), (0, 0, 2), False),
        ((0, 1, 1), (0, 1, 1), False),
        ((0, 1, 255), (0, 1, 255), False),
    ],
)
def test_numbers_are_fractions_up_to_1(
    tmp_path: Path, values: tuple[float, ...], index: tuple[int, ...], soft: bool
) -> None:
    drawing = read(tmp_path / "a.tif", np.array(values, np.float32)[strips(0, 1, 2)])
    assert drawing.index[4, 4::8].tolist() == list(index)
    assert drawing.soft == soft


@pytest.mark.parametrize("white", [1023, 4095, 16383, 65280, 65535])
def test_white_of_more_bits(tmp_path: Path, white: int) -> None:
    assert read(tmp_path / "a.png", strips(0, 1).astype(np.uint16) * white).used.tolist() == [0, 255]


@pytest.mark.parametrize(
    ("values", "message"),
    [((0, -1), "negative"), ((0, np.nan), "no numbers"), ((0, 256), "values up to 256"), ((0.3, 0.6), "no background")],
)
def test_numbers_that_mean_nothing(tmp_path: Path, values: tuple[float, ...], message: str) -> None:
    with pytest.raises(InputError, match=message):
        read(tmp_path / "a.tif", np.array(values, np.float32)[strips(0, 1)])


def test_opaque_colours_without_hue_are_greys(tmp_path: Path) -> None:
    drawing = read(tmp_path / "a.png", np.dstack([strips(0, 5, 90)] * 3))
    assert drawing.kind == "greys"
    assert drawing.used.tolist() == [0, 5, 90]
    np.testing.assert_array_equal(drawing.colours, np.dstack([*[np.arange(256)] * 3, np.full(256, 255)])[0])


def test_indices_by_their_first_pixel() -> None:
    colours = np.array([(*BLACK, 255), (*RED, 255), (*BLUE, 255), (*WHITE, 255)], np.uint8)
    drawing = Drawing("a.png", "colours", np.array([[2, 0, 1], [2, 0, 0]]), colours)
    assert drawing.used.tolist() == [0, 1, 2]
    assert drawing.first_seen().tolist() == [2, 0, 1]


def exr(path: Path, **channels: np.ndarray) -> Drawing:
    OpenEXR.File({"type": OpenEXR.scanlineimage}, channels).write(str(path))
    return read_drawing(path, path.name, snap=False)


def test_colours_of_light_are_the_numbers_in_the_file(tmp_path: Path) -> None:
    colours = np.array([(0, 0, 0), (-1, 0.2, 7), (1.5, np.nan, 0.6)], np.float32)
    drawing = exr(tmp_path / "a.exr", RGB=colours[strips(0, 1, 2)])
    assert drawing.kind == "colours"
    shown = drawing.colours[drawing.index[4, 4::8]].tolist()
    assert shown == [[0, 0, 0, 255], [0, 51, 255, 255], [255, 0, 153, 255]]


def test_equal_channels_of_light_are_numbers(tmp_path: Path) -> None:
    grey = np.array([0, 3, 90], np.float32)[strips(0, 1, 2)]
    for name, channels in {"a.exr": {"Y": grey}, "b.exr": {"RGB": np.dstack([grey] * 3)}}.items():
        drawing = exr(tmp_path / name, **channels)
        assert drawing.kind == "greys"
        assert drawing.index[4, 4::8].tolist() == [0, 3, 90]
